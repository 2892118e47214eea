//! What a domain has beside its place.

use skep::domain::route::{HeaderName, HeaderValue, LoginName, Origin, Replacement, Statuses};
use skep_tests::corpus::{HEADER_NAMES, HEADER_VALUES, LOGIN_NAMES, ORIGINS, REPLACEMENTS, STATUSES};

use super::{refused, taken};

#[test]
fn case_093_no_header_origin_status_or_login_ends_what_it_stands_in() {
    refused(HEADER_NAMES, 93, HeaderName::parse);
    refused(HEADER_VALUES, 93, HeaderValue::parse);
    refused(ORIGINS, 93, Origin::parse);
    refused(STATUSES, 93, Statuses::parse);
    refused(LOGIN_NAMES, 93, LoginName::parse);
    taken(HeaderName::parse, &["X-Tenant", "server", "Sec-CH-UA", "a1.b"]);
    taken(HeaderValue::parse, &["", "a b", "max-age=60, \"quoted\"; a={b}"]);
    taken(Origin::parse, &["*", "https://shop.example.org", "http://localhost:3000"]);
    taken(Statuses::parse, &["404", "500-599"]);
    taken(LoginName::parse, &["ops", "ops@example.org"]);
}

#[test]
fn case_098_redirects_lead_to_no_script_and_no_host_of_the_visitors() {
    refused(REPLACEMENTS, 98, Replacement::parse);
    taken(
        Replacement::parse,
        &["/", "/new/$1", "https://www.example.com/$1?x=$2", "http://www.example.com/"],
    );
}
