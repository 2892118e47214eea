//! Errors of `control` in the words of the pages: the same fields, the same sentences.

use skep_web::api;

use crate::control::Error;

/// What a page is told. A fault of ours is logged under the request's id, and only that is shown.
pub(super) fn told(request: &str, error: Error) -> api::Error {
    match error {
        Error::NotFound(_) => api::Error::NotFound,
        Error::Invalid(faults) => api::Error::Invalid(
            faults.into_iter().map(|fault| api::Fault::new(fault.field, fault.message)).collect(),
        ),
        // Whoever entered the name can mend it there.
        Error::Conflict { code: "name_taken", message } => api::Error::invalid("name", message),
        Error::Conflict { message, .. } => api::Error::Conflict(message),
        Error::Unauthenticated { code: "setup_token_wrong", message } => {
            api::Error::invalid("token", message)
        }
        Error::Unauthenticated { code: "wrong_code", message } => api::Error::invalid("code", message),
        Error::Reauthenticate { field, message } => api::Error::invalid(field, message),
        Error::Unauthenticated { .. } => api::Error::Unauthenticated,
        Error::Forbidden(message) => api::Error::Forbidden(message),
        Error::Busy(seconds) => api::Error::Busy(u32::try_from(seconds).unwrap_or(u32::MAX)),
        Error::Unavailable(why) => api::Error::Unavailable(why),
        Error::Internal(source) => {
            tracing::error!(request.id = request, error = %source, "A page could not be made");
            api::Error::Other(request.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::Wrong;

    #[test]
    fn fields_keep_their_paths_and_faults_of_ours_tell_nothing() {
        let wrong = Error::wrong("settings.mounts[0].target", Wrong::new("must be absolute"));
        let told_as = api::Error::invalid("settings.mounts[0].target", "must be absolute");
        assert_eq!(told("r1", wrong), told_as);
        assert_eq!(told("r1", Error::NotFound("app")), api::Error::NotFound);
        assert_eq!(told("r1", Error::conflict("name_taken", "x")), api::Error::invalid("name", "x"));
        assert_eq!(told("r1", Error::conflict("domain_taken", "x")), api::Error::Conflict("x".into()));
        assert_eq!(told("r1", Error::internal("SELECT secret")), api::Error::Other("r1".into()));
        assert_eq!(told("r1", Error::Busy(7)), api::Error::Busy(7));
    }
}
