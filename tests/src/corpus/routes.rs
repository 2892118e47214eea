//! For what a domain has beside its place.

use super::{Bad, REDIRECT, bad};

const RANGE: &str = "invalid_range";

/// For `Ranges`.
pub const RANGES: &[Bad] = &[
    bad(93, RANGE, ""),
    bad(93, RANGE, "*"),
    bad(93, RANGE, "10.0.0.0/33"),
    bad(93, RANGE, "10.0.0.0/-1"),
    bad(93, RANGE, "10.0.0.0/"),
    bad(93, RANGE, "10.0.0/8"),
    bad(93, RANGE, "010.0.0.1"),
    bad(93, RANGE, "0x7f.0.0.1"),
    bad(93, RANGE, "2130706433"),
    bad(93, RANGE, "10.0.0.0/8,0.0.0.0/0"),
    bad(93, RANGE, "10.0.0.0/8`) || ClientIP(`0.0.0.0/0"),
    bad(93, RANGE, "10.0.0.1\n"),
    bad(93, RANGE, " 10.0.0.1"),
    bad(93, RANGE, "::/129"),
    bad(93, RANGE, "fe80::1%eth0"),
    bad(93, RANGE, "[::1]"),
    bad(93, RANGE, "::ffff:10.0.0.1"),
    bad(93, RANGE, "shop.example.org"),
];

const HEADER: &str = "invalid_header";

/// For `HeaderName`.
pub const HEADER_NAMES: &[Bad] = &[
    bad(93, HEADER, ""),
    bad(93, HEADER, "X Tenant"),
    bad(93, HEADER, "X-Tenant:"),
    bad(93, HEADER, "X-Tenant\r\nX-Evil"),
    bad(93, HEADER, "X_Forwarded_For"),
    bad(93, HEADER, "-X"),
    bad(93, HEADER, "1X"),
    bad(93, HEADER, "X\0"),
    bad(93, HEADER, "X\u{e9}"),
    bad(93, HEADER, "X(Tenant)"),
    bad(93, HEADER, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
];

/// For `HeaderValue`.
pub const HEADER_VALUES: &[Bad] = &[
    bad(93, HEADER, "a\r\nX-Evil: b"),
    bad(93, HEADER, "a\nb"),
    bad(93, HEADER, "a\rb"),
    bad(93, HEADER, "a\0"),
    bad(93, HEADER, "a\tb"),
    bad(93, HEADER, " a"),
    bad(93, HEADER, "a "),
    bad(93, HEADER, "caf\u{e9}"),
    bad(93, HEADER, "\u{202e}a"),
];

/// For `Replacement`.
pub const REPLACEMENTS: &[Bad] = &[
    bad(98, REDIRECT, ""),
    bad(98, REDIRECT, "//evil.example.org"),
    bad(98, REDIRECT, "///evil.example.org"),
    bad(98, REDIRECT, "/\\evil.example.org"),
    bad(98, REDIRECT, "\\\\evil.example.org"),
    bad(98, REDIRECT, "evil.example.org"),
    bad(98, REDIRECT, "https:evil.example.org"),
    bad(98, REDIRECT, "https:///evil.example.org"),
    bad(98, REDIRECT, "javascript:alert(1)"),
    bad(98, REDIRECT, "JavaScript:alert(1)"),
    bad(98, REDIRECT, " javascript:alert(1)"),
    bad(98, REDIRECT, "data:text/html,x"),
    bad(98, REDIRECT, "ftp://shop.example.org/"),
    bad(98, REDIRECT, "$1"),
    bad(98, REDIRECT, "$1://shop.example.org/"),
    bad(98, REDIRECT, "https://$1/"),
    bad(98, REDIRECT, "https://$1.example.org/"),
    bad(98, REDIRECT, "https://shop.example.org$1"),
    bad(98, REDIRECT, "https://shop.example.org:$1/"),
    bad(98, REDIRECT, "https://shop.example.org?$1"),
    bad(98, REDIRECT, "https://user@shop.example.org/"),
    bad(98, REDIRECT, "https://shop.example.org@evil.example.org/"),
    bad(98, REDIRECT, "https://127.0.0.1/"),
    bad(98, REDIRECT, "https://localhost/"),
    bad(98, REDIRECT, "/a\r\nSet-Cookie: a=b"),
    bad(98, REDIRECT, "/a b"),
    bad(98, REDIRECT, "/${1}"),
    bad(98, REDIRECT, "/$12"),
    bad(98, REDIRECT, "/$0"),
    bad(98, REDIRECT, "/$"),
    bad(98, REDIRECT, "/{{.Host}}"),
    bad(98, REDIRECT, "/`"),
];

const PATTERN: &str = "invalid_pattern";

/// For a redirect's pattern.
pub const PATTERNS: &[Bad] = &[
    bad(98, PATTERN, ""),
    bad(98, PATTERN, "old"),
    bad(98, PATTERN, "^/old"),
    bad(98, PATTERN, ".*"),
    bad(98, PATTERN, "https://shop.example.org/"),
    bad(98, PATTERN, "/("),
    bad(98, PATTERN, "/[a"),
    bad(98, PATTERN, "/a**"),
    bad(98, PATTERN, "/a{2,1}"),
    bad(98, PATTERN, "/a+*"),
    bad(98, PATTERN, "/a{2}{3}"),
    bad(98, PATTERN, "/a{1001}"),
    bad(98, PATTERN, "/(a{100}){100}"),
    bad(98, PATTERN, "/(a{1000}){1000}"),
    bad(98, PATTERN, "/(?i)a"),
    bad(98, PATTERN, "/(?P<a>b)"),
    bad(98, PATTERN, "/(?<a>b)"),
    bad(98, PATTERN, "/(?=a)"),
    bad(98, PATTERN, "/(?<!a)b"),
    bad(98, PATTERN, "/\\1"),
    bad(98, PATTERN, "/\\pL"),
    bad(98, PATTERN, "/\\x41"),
    bad(98, PATTERN, "/[[:alpha:]]"),
    bad(98, PATTERN, "/[a-z&&[^b]]"),
    bad(98, PATTERN, "/a\\"),
    bad(98, PATTERN, "/a b"),
    bad(98, PATTERN, "/a\nb"),
    bad(98, PATTERN, "/a`b"),
    bad(98, PATTERN, "/caf\u{e9}"),
    bad(98, PATTERN, "/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)"),
];

const ORIGIN: &str = "invalid_origin";

/// For `Origin`.
pub const ORIGINS: &[Bad] = &[
    bad(93, ORIGIN, ""),
    bad(93, ORIGIN, "null"),
    bad(93, ORIGIN, "a.example.org"),
    bad(93, ORIGIN, "https://"),
    bad(93, ORIGIN, "https://*"),
    bad(93, ORIGIN, "https://*.example.org"),
    bad(93, ORIGIN, "https://shop.example.org/"),
    bad(93, ORIGIN, "https://shop.example.org/path"),
    bad(93, ORIGIN, "https://user@shop.example.org"),
    bad(93, ORIGIN, "https://shop.example.org:0"),
    bad(93, ORIGIN, "https://shop.example.org:70000"),
    bad(93, ORIGIN, "file:///etc/passwd"),
    bad(93, ORIGIN, "https://a.example.org,https://b.example.org"),
    bad(93, ORIGIN, "https://shop.example.org\r\nX-Evil: a"),
];

const STATUS: &str = "invalid_status";

/// For `Statuses`.
pub const STATUSES: &[Bad] = &[
    bad(93, STATUS, ""),
    bad(93, STATUS, "200"),
    bad(93, STATUS, "399"),
    bad(93, STATUS, "600"),
    bad(93, STATUS, "5xx"),
    bad(93, STATUS, "500-"),
    bad(93, STATUS, "-500"),
    bad(93, STATUS, "599-500"),
    bad(93, STATUS, "400-599-600"),
    bad(93, STATUS, "0404"),
    bad(93, STATUS, "+404"),
    bad(93, STATUS, "404 "),
];

const LOGIN_NAME: &str = "invalid_login";

/// For `LoginName`.
pub const LOGIN_NAMES: &[Bad] = &[
    bad(93, LOGIN_NAME, ""),
    bad(93, LOGIN_NAME, "a:b"),
    bad(93, LOGIN_NAME, "a b"),
    bad(93, LOGIN_NAME, "#a"),
    bad(93, LOGIN_NAME, "a$b"),
    bad(93, LOGIN_NAME, "a\nb:$2y$10$x"),
    bad(93, LOGIN_NAME, "a\0"),
    bad(93, LOGIN_NAME, "caf\u{e9}"),
    bad(93, LOGIN_NAME, "`a`"),
];
