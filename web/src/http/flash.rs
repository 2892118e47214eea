//! What was just done, told on the page that follows a form: a code in the query, never free text,
//! so that a link cannot put words in our mouth.
//!
//! To add one: a line in the list below.

macro_rules! done {
    ($($name:ident $code:literal $text:literal),+ $(,)?) => {
        /// What was just done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Done {
            $(#[doc = $text] $name,)+
        }

        impl Done {
            /// The code in the query.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The sentence shown.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The one of that code.
            pub fn named(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

done! {
    ProjectCreated "project-created" "Project created.",
    ProjectDeleted "project-deleted" "Project deleted.",
    EnvironmentCreated "environment-created" "Environment created.",
    EnvironmentDeleted "environment-deleted" "Environment deleted.",
    Protected "protected" "Protection saved. It counts from the next deployment on.",
    EnvironmentReset "environment-reset" "Its apps are being removed.",
    Approved "approved" "Approved.",
    Rejected "rejected" "Rejected. What serves now goes on.",
    AppCreated "app-created" "App created.",
    AppDeleted "app-deleted" "The app is being deleted.",
    Uploaded "uploaded" "Archive stored. Deploy to put it live.",
    Queued "queued" "Deployment queued.",
    RollingBack "rolling-back" "Rolling back. What serves now goes on until the older release is proven healthy.",
    Started "started" "Starting with the replicas that it had.",
    Stopped "stopped" "Stopping. Its replicas are kept for the next start.",
    Restarted "restarted" "Restarting all replicas.",
    ServiceRestarted "service-restarted" "Restarting the service's replicas.",
    Scaled "scaled" "Scaling: replicas are started or stopped now.",
    VariableSaved "variable-saved" "Variable saved. It counts from the next deployment on.",
    VariableDelivered "variable-delivered" "Saved how the variable is delivered. It counts from the next deployment on.",
    VariablesImported "variables-imported" "Variables saved. They count from the next deployment on.",
    VariableDeleted "variable-deleted" "Variable deleted. It counts from the next deployment on.",
    DomainAdded "domain-added" "Domain added.",
    DomainChanged "domain-changed" "Saved. It is served so within seconds.",
    PortAdded "port-added" "Port added.",
    PortRemoved "port-removed" "Port removed.",
    DomainRemoved "domain-removed" "Domain removed.",
    CertificateRetried "certificate-retried" "Trying again to get the certificate.",
    SettingsSaved "settings-saved" "Settings saved. They count from the next deployment on.",
    WebhookDeleted "webhook-deleted" "Webhook deleted.",
    Redelivered "redelivered" "Delivered again; the newest line below shows the outcome.",
    CredentialCreated "credential-created" "Credential stored.",
    CredentialDeleted "credential-deleted" "Credential deleted.",
    StoreCreated "store-created" "Secret store added. Check it to see whether it takes the credentials.",
    StoreChanged "store-changed" "Credentials changed. They count from the next deployments on.",
    StoreAnswers "store-answers" "The store answers and takes the credentials.",
    StoreDeleted "store-deleted" "Secret store removed.",
    DnsCreated "dns-created" "DNS provider added. Test it to see whether it works.",
    DnsChanged "dns-changed" "DNS provider changed.",
    DnsWorks "dns-works" "A record was put in each zone, seen, and taken away again.",
    DnsDeleted "dns-deleted" "DNS provider removed.",
    DomainClaimed "domain-claimed" "Put the TXT record that is shown below, then verify it.",
    DomainVerified "domain-verified" "The domain is proved to be yours.",
    DomainReleased "domain-released" "The domain is forgotten.",
    CertificateUploaded "certificate-uploaded" "Certificate taken. It is served within seconds.",
    CertificateOdd "certificate-odd" "Certificate taken, but browsers may not trust it: its chain is incomplete or out of order.",
    CertificateRemoved "certificate-removed" "Certificate removed.",
    HostTrusted "host-trusted" "The host is trusted.",
    HostForgotten "host-forgotten" "The host is not trusted any more.",
    NodeReserved "node-reserved" "Machine reserved. It counts for each app from its next deployment on.",
    NodeReleased "node-released" "Machine shared. It counts for each app from its next deployment on.",
    InstanceSaved "instance-saved" "Instance settings saved.",
    SessionEnded "session-ended" "That browser is signed out.",
    SignedOut "signed-out" "You are signed out.",
    SignedOutEverywhere "signed-out-everywhere" "You are signed out everywhere.",
    PasswordChanged "password-changed" "Password changed. All other browsers are signed out.",
    TwoFactorOff "two-factor-off" "Two-factor sign-in is off. All other browsers are signed out.",
    PasskeyAdded "passkey-added" "Passkey registered. It signs you in from now on.",
    PasskeyRenamed "passkey-renamed" "Passkey renamed.",
    PasskeyRemoved "passkey-removed" "Passkey removed.",
    TeamRenamed "team-renamed" "Team renamed.",
    QuotaSet "quota-set" "Quota set. It counts for what is added from now on.",
    TeamCreated "team-created" "Team created. Choose it above to look at it.",
    InvitationWithdrawn "invitation-withdrawn" "Invitation taken back.",
    MemberChanged "member-changed" "Role saved. It counts from their next request on.",
    MemberRemoved "member-removed" "They are no member any more.",
    RoleCreated "role-created" "Role created.",
    RoleDeleted "role-deleted" "Role deleted.",
    ServiceAccountCreated "service-account-created" "Service account created. Give it a role above, and make a token for it.",
    ServiceAccountRenamed "service-account-renamed" "Service account renamed. Its tokens count on.",
    ServiceAccountRemoved "service-account-removed" "Service account removed. Its tokens count no longer.",
    TokenDeleted "token-deleted" "Token revoked.",
    SsoCreated "sso-created" "Provider entered. Test it, and say who is given what by it.",
    SsoChanged "sso-changed" "Provider saved.",
    SsoMapped "sso-mapped" "Saved. It counts from each one's next sign-in on.",
    SsoRemoved "sso-removed" "Provider removed. Nobody is signed in through it any more.",
    SsoOnly "sso-only" "From now on the team is seen only by who signed in through its providers.",
    SsoNotOnly "sso-not-only" "Members come in by password, too.",
    Connected "connected" "Connected. You can sign in through it from now on.",
    Disconnected "disconnected" "Disconnected.",
    CertificateRenewed "certificate-renewed" "A new certificate is asked for.",
    CertificateChosen "certificate-chosen" "Saved. It counts from the next order on.",
    DirectoryCreated "directory-created" "Directory added.",
    DirectoryChanged "directory-changed" "Directory saved. It counts from the next order on.",
    DirectoryRemoved "directory-removed" "Directory removed.",
}

#[cfg(test)]
mod tests {
    use super::Done;

    #[test]
    fn a_code_leads_back_to_its_message_and_free_text_to_none() {
        assert_eq!(Done::named(Done::Scaled.code()), Some(Done::Scaled));
        assert_eq!(Done::named("You have won <b>"), None);
    }
}
