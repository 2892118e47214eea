//! The client's commands: everything that a person does with a server, over its API alone.
//!
//! To add a noun: its file with `Args` (or `Verb`s) and `run`, a variant in [`Command`] and a line
//! in [`Command::run`]. A list gives its columns to [`show::list`] and has `--json` by that.

mod access_log;
mod adopt;
mod api;
mod apps;
mod archive;
mod ask;
mod audit;
mod certificates;
mod config;
mod credentials;
mod deploy;
mod deployments;
mod directories;
mod dns;
mod doctor;
mod domains;
mod edges;
mod environments;
mod fault;
mod follow;
mod front;
mod grant;
mod instance;
mod invitations;
mod join;
mod login;
mod logs;
mod members;
mod nodes;
mod own_certificates;
mod place;
mod plan;
mod ports;
mod projects;
mod quota;
mod roles;
mod rollback;
mod service_accounts;
mod show;
mod sse;
mod sso;
mod stack;
mod stores;
mod teams;
mod tokens;
mod traffic;
mod user;
mod vars;
mod webhooks;
mod whoami;

use self::{api::Api, fault::Failure};
pub(super) use self::{
    show::{ListArgs, list},
    user::password,
};

/// What can be asked of a server.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Login(login::Args),
    Join(join::Args),
    /// Tell who is signed in, and where
    Whoami(show::ListArgs),
    /// Groups of environments
    #[command(subcommand)]
    Projects(projects::Verb),
    /// Production, staging and their like
    #[command(subcommand)]
    Environments(environments::Verb),
    /// What runs
    #[command(subcommand)]
    Apps(apps::Verb),
    Plan(plan::Args),
    Deploy(deploy::Args),
    /// What was deployed, and how it went
    #[command(subcommand)]
    Deployments(deployments::Verb),
    Rollback(rollback::Args),
    Logs(logs::Args),
    Traffic(traffic::Args),
    AccessLog(access_log::Args),
    /// Variables of apps, environments and projects
    #[command(subcommand)]
    Vars(vars::Verb),
    /// Host names of an app
    #[command(subcommand)]
    Domains(domains::Verb),
    /// Public ports, for what is not HTTP
    #[command(subcommand)]
    Ports(ports::Verb),
    /// Pushes that deploy
    #[command(subcommand)]
    Webhooks(webhooks::Verb),
    /// Tokens and keys for git hosts and registries
    #[command(subcommand)]
    Credentials(credentials::Verb),
    /// Secret stores elsewhere, for variables to refer to
    #[command(subcommand)]
    Stores(stores::Verb),
    /// DNS providers, for wildcard certificates
    #[command(subcommand)]
    Dns(dns::Verb),
    /// Certificates that the team brings along
    #[command(subcommand)]
    OwnCertificates(own_certificates::Verb),
    /// Print the certificate of the instance's own authority, which signs those of private names
    Ca,
    /// The machines of the swarm, and whose they are
    #[command(subcommand)]
    Nodes(nodes::Verb),
    /// The replicas of the edge, and what each serves
    Edges(show::ListArgs),
    /// Who owns projects and credentials
    #[command(subcommand)]
    Teams(teams::Verb),
    /// Who may do what where
    #[command(subcommand)]
    Members(members::Verb),
    /// Named sets of rights
    #[command(subcommand)]
    Roles(roles::Verb),
    /// Codes by which people join the team
    #[command(subcommand)]
    Invitations(invitations::Verb),
    /// Identity providers that people sign in through
    #[command(subcommand)]
    Sso(sso::Verb),
    /// Members that nobody is: for CI and scripts
    #[command(subcommand)]
    ServiceAccounts(service_accounts::Verb),
    /// Tokens for programs
    #[command(subcommand)]
    Tokens(tokens::Verb),
    /// Settings of the whole instance
    #[command(subcommand)]
    Config(instance::Config),
    /// The certificate of the instance's own host
    #[command(subcommand)]
    Ssl(instance::Ssl),
    /// Certificates of all hosts, and why one is missing
    #[command(subcommand)]
    Certificates(certificates::Verb),
    /// Where certificates come from
    #[command(subcommand)]
    Directories(Box<directories::Verb>),
    /// Who did what, and what was refused
    #[command(subcommand)]
    Audit(audit::Verb),
    /// People
    #[command(subcommand)]
    User(user::Verb),
    Doctor(doctor::Args),
    /// Balancers in front of the edges: their configuration
    #[command(subcommand)]
    Ha(front::Ha),
    /// A proxy of yours in front of the edge on one machine: its configuration
    #[command(subcommand)]
    Proxy(front::Proxy),
    /// Compose files and the stacks that they become
    #[command(subcommand)]
    Stack(stack::Verb),
}

impl Command {
    /// Does it and gives the exit code; why it was not done is on standard error.
    pub(super) fn run(self) -> u8 {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                super::say_error(format_args!("no thread to work with: {error}"));
                return super::NOT_DONE;
            }
        };
        match runtime.block_on(self.done()) {
            Ok(code) => code,
            Err(failure) => {
                super::say_error(&failure);
                failure.exit_code()
            }
        }
    }

    async fn done(self) -> Result<u8, Failure> {
        match self {
            Self::Login(args) => return login::run(args).await.map(|()| super::DONE),
            Self::Join(args) => return join::run(args).await.map(|()| super::DONE),
            Self::User(verb) => return user::run(verb).await.map(|()| super::DONE),
            Self::Doctor(args) => return doctor::run(args).await,
            Self::Ha(verb) => return front::ha(verb).await.map(|()| super::DONE),
            Self::Proxy(verb) => return front::proxy(verb).map(|()| super::DONE),
            // A file is verified without any server.
            Self::Audit(audit::Verb::Verify(args)) if args.alone() => {
                return audit::verify_file(&args).map(|()| super::DONE);
            }
            Self::Stack(stack::Verb::Convert(args)) => return stack::run(args).map(|()| super::DONE),
            _ => {}
        }
        let api = Api::signed_in()?;
        match self {
            Self::Plan(args) | Self::Stack(stack::Verb::Plan(args)) => plan::run(args, &api).await,
            Self::Stack(stack::Verb::Adopt(args)) => adopt::run(args, &api).await,
            Self::Deploy(args) => return deploy::run(args, &api).await,
            Self::Rollback(args) => return rollback::run(args, &api).await,
            Self::Deployments(verb) => return deployments::run(verb, &api).await,
            Self::Audit(verb) => audit::run(verb, &api).await,
            Self::Ssl(verb) => return instance::ssl(verb, &api).await,
            Self::Whoami(args) => whoami::run(args, &api).await,
            Self::Projects(verb) => projects::run(verb, &api).await,
            Self::Environments(verb) => environments::run(verb, &api).await,
            Self::Apps(verb) => apps::run(verb, &api).await,
            Self::Logs(args) => logs::run(args, &api).await,
            Self::Traffic(args) => traffic::run(args, &api).await,
            Self::AccessLog(args) => access_log::run(args, &api).await,
            Self::Vars(verb) => vars::run(verb, &api).await,
            Self::Domains(verb) => domains::run(verb, &api).await,
            Self::Ports(verb) => ports::run(verb, &api).await,
            Self::Webhooks(verb) => webhooks::run(verb, &api).await,
            Self::Credentials(verb) => credentials::run(verb, &api).await,
            Self::Stores(verb) => stores::run(verb, &api).await,
            Self::Dns(verb) => dns::run(verb, &api).await,
            Self::OwnCertificates(verb) => own_certificates::run(verb, &api).await,
            Self::Ca => own_certificates::authority(&api).await,
            Self::Nodes(verb) => nodes::run(verb, &api).await,
            Self::Edges(how) => edges::run(how, &api).await,
            Self::Teams(verb) => teams::run(verb, &api).await,
            Self::Members(verb) => members::run(verb, &api).await,
            Self::Roles(verb) => roles::run(verb, &api).await,
            Self::Invitations(verb) => invitations::run(verb, &api).await,
            Self::Sso(verb) => sso::run(verb, &api).await,
            Self::ServiceAccounts(verb) => service_accounts::run(verb, &api).await,
            Self::Tokens(verb) => tokens::run(verb, &api).await,
            Self::Config(verb) => instance::config(verb, &api).await,
            Self::Certificates(verb) => certificates::run(verb, &api).await,
            Self::Directories(verb) => directories::run(*verb, &api).await,
            Self::Login(_)
            | Self::Join(_)
            | Self::User(_)
            | Self::Doctor(_)
            | Self::Ha(_)
            | Self::Proxy(_)
            | Self::Stack(stack::Verb::Convert(_)) => Ok(()),
        }
        .map(|()| super::DONE)
    }
}
