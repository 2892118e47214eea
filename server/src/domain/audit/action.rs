//! What can be recorded: a closed list, so that a filter, a test and a reader know all of it.
//!
//! To add one: a line in `actions!`. A name that was ever used keeps its meaning.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What somebody did, or tried to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $variant),*
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in tables, API and filters: the noun, a dot, the verb.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }
    };
}

actions! {
    /// A team was made.
    TeamCreate = "team.create",
    /// A team's name or settings.
    TeamChange = "team.change",
    /// A team is gone.
    TeamDelete = "team.delete",
    /// Somebody was asked to join.
    MemberInvite = "member.invite",
    /// An invitation was taken back.
    MemberUninvite = "member.uninvite",
    /// Somebody joined.
    MemberJoin = "member.join",
    /// What a member may do.
    MemberChange = "member.change",
    /// A member left, or was put out.
    MemberRemove = "member.remove",
    /// A service account was made.
    ServiceAccountCreate = "service_account.create",
    /// A service account is called otherwise.
    ServiceAccountRename = "service_account.rename",
    /// A service account is gone, and its tokens with it.
    ServiceAccountRemove = "service_account.remove",
    /// A role of named rights was made.
    RoleCreate = "role.create",
    /// What a role gives.
    RoleChange = "role.change",
    /// A role is gone.
    RoleRemove = "role.remove",
    /// A person was made.
    PersonCreate = "person.create",
    /// A person is gone.
    PersonDelete = "person.delete",
    /// A new password, by the person.
    PasswordChange = "password.change",
    /// A new password, by somebody else.
    PasswordReset = "password.reset",
    /// A second step is asked for from now on.
    TwoFactorOn = "two_factor.on",
    /// It is asked for no longer.
    TwoFactorOff = "two_factor.off",
    /// New recovery codes.
    TwoFactorCodes = "two_factor.codes",
    /// A passkey was registered.
    PasskeyAdd = "passkey.add",
    /// A passkey is called otherwise.
    PasskeyRename = "passkey.rename",
    /// A passkey is gone.
    PasskeyRemove = "passkey.remove",
    /// A passkey was used in a way that is told by itself: its counter went back.
    PasskeyUse = "passkey.use",
    /// All passkeys of a person were removed, on the machine.
    PasskeyReset = "passkey.reset",
    /// Signed in.
    SessionBegin = "session.begin",
    /// Signed out, or a session of theirs was ended.
    SessionEnd = "session.end",
    /// An API token was made.
    TokenCreate = "token.create",
    /// An API token was ended.
    TokenEnd = "token.end",
    /// An identity provider was entered.
    SsoCreate = "sso.create",
    /// What it is like, or who gets what by it.
    SsoChange = "sso.change",
    /// It is gone, with the sessions that it vouched for.
    SsoRemove = "sso.remove",
    /// Whether others than it let people in.
    SsoOnly = "sso.only",
    /// A person signs in by the word of a provider from now on.
    IdentityConnect = "identity.connect",
    /// No longer.
    IdentityDisconnect = "identity.disconnect",
    /// A right beyond the usual ones was given.
    GrantGive = "grant.give",
    /// It was taken back.
    GrantTake = "grant.take",
    /// A project was made.
    ProjectCreate = "project.create",
    /// A project's name or settings.
    ProjectChange = "project.change",
    /// A project is gone.
    ProjectDelete = "project.delete",
    /// An environment was made.
    EnvironmentCreate = "environment.create",
    /// An environment's settings or access.
    EnvironmentChange = "environment.change",
    /// All apps of an environment were removed.
    EnvironmentReset = "environment.reset",
    /// An environment is gone.
    EnvironmentDelete = "environment.delete",
    /// What runs without Skep was taken over.
    EnvironmentAdopt = "environment.adopt",
    /// An app was made.
    AppCreate = "app.create",
    /// Source, build or settings.
    AppConfigure = "app.configure",
    /// An archive was given as its source.
    AppUpload = "app.upload",
    /// How many tasks.
    AppScale = "app.scale",
    /// Started again.
    AppStart = "app.start",
    /// Stopped.
    AppStop = "app.stop",
    /// New tasks of the same release.
    AppRestart = "app.restart",
    /// An app is gone.
    AppDelete = "app.delete",
    /// A deployment by hand.
    DeploymentCreate = "deployment.create",
    /// Somebody else's deployment may begin.
    DeploymentApprove = "deployment.approve",
    /// It may not.
    DeploymentReject = "deployment.reject",
    /// A deployment was stopped on its way.
    DeploymentCancel = "deployment.cancel",
    /// The next share of visitors was led to a new version by hand.
    DeploymentGoOn = "deployment.go_on",
    /// Visitors stay where they are until somebody says so.
    DeploymentHold = "deployment.hold",
    /// An earlier release.
    DeploymentRollback = "deployment.rollback",
    /// A variable was made or changed.
    VariableSet = "variable.set",
    /// A variable's value was shown.
    VariableReveal = "variable.reveal",
    /// A variable is gone.
    VariableRemove = "variable.remove",
    /// Variables were taken from a file, and perhaps others away.
    VariableImport = "variable.import",
    /// How containers get a variable.
    VariableDeliver = "variable.deliver",
    /// A host name for an app.
    DomainAdd = "domain.add",
    /// What holds for a host name.
    DomainChange = "domain.change",
    /// A host name less.
    DomainRemove = "domain.remove",
    /// A public port leads to an app.
    PortAdd = "port.add",
    /// A public port leads there no more.
    PortRemove = "port.remove",
    /// A certificate is asked for once more.
    CertificateRetry = "certificate.retry",
    /// A new certificate is asked for before the old one needs it.
    CertificateRenew = "certificate.renew",
    /// Where a certificate comes from.
    CertificateChange = "certificate.change",
    /// Certificates were taken over from a file.
    CertificateImport = "certificate.import",
    /// A webhook was made.
    WebhookCreate = "webhook.create",
    /// A new secret for a webhook.
    WebhookRotate = "webhook.rotate",
    /// A webhook is gone.
    WebhookRemove = "webhook.remove",
    /// A delivery was given in once more.
    WebhookRedeliver = "webhook.redeliver",
    /// A credential was stored.
    CredentialCreate = "credential.create",
    /// A credential is gone.
    CredentialRemove = "credential.remove",
    /// A secret store was named.
    StoreCreate = "store.create",
    /// A secret store's credentials, and perhaps its address.
    StoreChange = "store.change",
    /// A secret store is named no longer.
    StoreRemove = "store.remove",
    /// A DNS provider was named.
    DnsProviderCreate = "dns_provider.create",
    /// A DNS provider's zones, settings or credentials.
    DnsProviderChange = "dns_provider.change",
    /// A DNS provider is named no longer.
    DnsProviderRemove = "dns_provider.remove",
    /// The proof of a domain was begun.
    DomainClaim = "domain.claim",
    /// A domain is proved to be the team's.
    DomainVerify = "domain.verify",
    /// The proof of a domain is forgotten.
    DomainRelease = "domain.release",
    /// A certificate was brought along.
    CertificateUpload = "certificate.upload",
    /// A certificate that was brought along is gone.
    CertificateRemove = "certificate.remove",
    /// A key of an ssh host is trusted.
    HostKeyPin = "host_key.pin",
    /// It is trusted no longer.
    HostKeyForget = "host_key.forget",
    /// A node belongs to one environment alone.
    NodeReserve = "node.reserve",
    /// A node is shared again.
    NodeRelease = "node.release",
    /// Settings of the whole instance.
    SettingsChange = "settings.change",
    /// A certificate for the platform's own host.
    SettingsTls = "settings.tls",
    /// A directory of certificates was entered.
    DirectoryCreate = "directory.create",
    /// What it is asked for, and when.
    DirectoryChange = "directory.change",
    /// A directory is gone.
    DirectoryRemove = "directory.remove",
    /// How long the log is kept.
    AuditRetain = "audit.retain",
    /// Entries were so old that they are gone.
    AuditSweep = "audit.sweep",
    /// A request that was refused before any command knew what it was.
    Request = "http.request",
}

impl Action {
    /// Whether it concerns the whole instance, whichever team its doer is of.
    #[must_use]
    pub const fn of_instance(self) -> bool {
        matches!(
            self,
            Self::SettingsChange
                | Self::SettingsTls
                | Self::AuditRetain
                | Self::NodeReserve
                | Self::NodeRelease
                | Self::DirectoryCreate
                | Self::DirectoryChange
                | Self::DirectoryRemove
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_noun_and_a_verb_and_stand_for_one_action() {
        let mut names: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        for name in &names {
            let (noun, verb) = name.split_once('.').expect("a dot");
            let plain =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(plain(noun) && plain(verb), "{name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
