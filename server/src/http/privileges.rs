//! What each operation of the API needs, in one table (S4): the API's document tells it with each
//! operation, and the authorization matrix tries every line of it with every role. An operation
//! that is not here fails the build.
//!
//! Who may do it is decided in `control`, where pages and streams come by, too; this table says
//! what that decision is, so that either of the two being wrong is found.

use crate::domain::right::Right;

/// What an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it has its own kind of proof, or tells nothing.
    Nothing,
    /// Somebody who is signed in; it is about themselves, or shows what they see.
    SignedIn,
    /// A right in the whole team.
    Team(Right),
    /// A right anywhere in the team; it shows what is there.
    Somewhere(Right),
    /// A right where the thing is that the path or body names.
    There(Right),
    /// The owner of the instance.
    Instance,
}

impl Need {
    /// In words, for the document.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::SignedIn => "somebody signed in".to_owned(),
            Self::Team(right) => format!("the right `{right}` in the team"),
            Self::Somewhere(right) => format!("the right `{right}` anywhere in the team"),
            Self::There(right) => format!("the right `{right}` in the environment or project"),
            Self::Instance => "the owner of the instance".to_owned(),
        }
    }
}

/// What an operation needs, by its name in the API's document.
#[must_use]
pub fn need(operation: &str) -> Option<Need> {
    TABLE.iter().find(|(name, _)| *name == operation).map(|(_, need)| *need)
}

use Need::{Instance, Nothing, SignedIn, Somewhere, Team, There};

/// Every operation.
pub const TABLE: &[(&str, Need)] = &[
    ("show_setup", Nothing),
    ("create_setup", Nothing),
    ("login_session", Nothing),
    ("second_step_session", Nothing),
    ("accept_invitations", Nothing),
    ("whoami_session", SignedIn),
    ("logout_session", SignedIn),
    ("list_session", SignedIn),
    ("end_session", SignedIn),
    ("end_all_session", SignedIn),
    ("change_password_session", SignedIn),
    ("show_two_factor", SignedIn),
    ("begin_two_factor", SignedIn),
    ("confirm_two_factor", SignedIn),
    ("renew_codes_two_factor", SignedIn),
    ("turn_off_two_factor", SignedIn),
    ("list_tokens", SignedIn),
    ("create_tokens", SignedIn),
    ("end_tokens", SignedIn),
    ("list_teams", SignedIn),
    ("show_team", SignedIn),
    ("look_at_team", SignedIn),
    ("change_team", Team(Right::Team)),
    ("create_teams", Instance),
    ("delete_teams", Instance),
    ("list_members", Team(Right::View)),
    ("change_members", Team(Right::Members)),
    ("remove_members", Team(Right::Members)),
    ("list_roles", Team(Right::View)),
    ("create_roles", Team(Right::Members)),
    ("change_roles", Team(Right::Members)),
    ("remove_roles", Team(Right::Members)),
    ("list_invitations", Team(Right::Members)),
    ("create_invitations", Team(Right::Members)),
    ("withdraw_invitations", Team(Right::Members)),
    ("list_projects", SignedIn),
    ("create_projects", Team(Right::Projects)),
    ("show_projects", There(Right::View)),
    ("delete_projects", There(Right::Projects)),
    ("move_projects", There(Right::Projects)),
    ("list_environments", SignedIn),
    ("create_environments", There(Right::Environments)),
    ("delete_environments", There(Right::Environments)),
    ("protection_environments", There(Right::View)),
    ("protect_environments", There(Right::Environments)),
    ("reset_environments", There(Right::Environments)),
    ("adopt_environments", Instance),
    ("list_apps", SignedIn),
    ("create_apps", There(Right::Configure)),
    ("show_apps", There(Right::View)),
    ("configure_apps", There(Right::Configure)),
    ("delete_apps", There(Right::Configure)),
    ("start_apps", There(Right::Deploy)),
    ("stop_apps", There(Right::Deploy)),
    ("restart_apps", There(Right::Deploy)),
    ("scale_apps", There(Right::Deploy)),
    ("plan_apps", There(Right::Deploy)),
    ("upload_apps", There(Right::Deploy)),
    ("services_apps", There(Right::View)),
    ("tasks_apps", There(Right::View)),
    ("logs_apps", There(Right::Logs)),
    ("list_deployments", There(Right::View)),
    ("create_deployments", There(Right::Deploy)),
    ("show_deployments", There(Right::View)),
    ("steps_deployments", There(Right::View)),
    ("log_deployments", There(Right::Logs)),
    ("cancel_deployments", There(Right::Deploy)),
    ("approvals_deployments", There(Right::View)),
    ("approve_deployments", There(Right::Approve)),
    ("reject_deployments", There(Right::Approve)),
    ("releases_deployments", There(Right::View)),
    ("rollback_deployments", There(Right::Deploy)),
    ("list_of_project_variables", There(Right::View)),
    ("set_of_project_variables", There(Right::Variables)),
    ("remove_of_project_variables", There(Right::Variables)),
    ("reveal_of_project_variables", There(Right::Reveal)),
    ("restore_of_project_variables", There(Right::Variables)),
    ("versions_of_project_variables", There(Right::View)),
    ("list_of_environment_variables", There(Right::View)),
    ("set_of_environment_variables", There(Right::Variables)),
    ("remove_of_environment_variables", There(Right::Variables)),
    ("reveal_of_environment_variables", There(Right::Reveal)),
    ("restore_of_environment_variables", There(Right::Variables)),
    ("versions_of_environment_variables", There(Right::View)),
    ("list_of_app_variables", There(Right::View)),
    ("set_of_app_variables", There(Right::Variables)),
    ("remove_of_app_variables", There(Right::Variables)),
    ("reveal_of_app_variables", There(Right::Reveal)),
    ("restore_of_app_variables", There(Right::Variables)),
    ("versions_of_app_variables", There(Right::View)),
    ("list_domains", There(Right::View)),
    ("add_domains", There(Right::Configure)),
    ("remove_domains", There(Right::Configure)),
    ("list_certificates", There(Right::View)),
    ("retry_certificates", There(Right::Configure)),
    ("list_webhooks", There(Right::View)),
    ("create_webhooks", There(Right::Configure)),
    ("rotate_webhooks", There(Right::Configure)),
    ("remove_webhooks", There(Right::Configure)),
    ("deliveries_webhooks", There(Right::View)),
    ("redeliver_webhooks", There(Right::Deploy)),
    ("list_credentials", Somewhere(Right::Credentials)),
    ("create_credentials", There(Right::Credentials)),
    ("remove_credentials", There(Right::Credentials)),
    ("list_host_keys", Somewhere(Right::Credentials)),
    ("look_up_host_keys", There(Right::Credentials)),
    ("pin_host_keys", There(Right::Credentials)),
    ("forget_host_keys", There(Right::Credentials)),
    ("show_settings", SignedIn),
    ("change_settings", Instance),
    ("enable_tls_settings", Instance),
    ("list_audit", Team(Right::Audit)),
    ("export_audit", Team(Right::Audit)),
    ("verify_audit", Team(Right::Audit)),
    ("key_audit", SignedIn),
    ("show_retention_audit", SignedIn),
    ("set_retention_audit", Instance),
    ("engine_cluster", SignedIn),
    ("nodes_cluster", Instance),
    ("reserve_nodes", Instance),
    ("release_nodes", Instance),
];
