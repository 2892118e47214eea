//! Bad input by type: every text here must be refused by every field of that type, whichever way
//! it comes in (S22). A bug that let one through adds its text here.

mod routes;

pub use routes::*;

/// A text that must be refused.
#[derive(Debug, Clone, Copy)]
pub struct Bad {
    /// Its number in the bad-input catalogue.
    pub case: u16,
    /// The text.
    pub text: &'static str,
    /// The code of the refusal.
    pub code: &'static str,
}

const fn bad(case: u16, code: &'static str, text: &'static str) -> Bad {
    Bad { case, text, code }
}

const SCHEME: &str = "scheme_not_allowed";
const URL: &str = "invalid_url";
const LOGIN: &str = "credentials_in_url";

/// For `GitUrl`, where plain http is not allowed.
pub const GIT_URLS: &[Bad] = &[
    bad(36, SCHEME, "file:///etc/passwd"),
    bad(36, SCHEME, "FILE:///srv/repo"),
    bad(36, SCHEME, "/srv/repo.git"),
    bad(36, SCHEME, "./repo"),
    bad(36, SCHEME, "../repo"),
    bad(36, SCHEME, "repo"),
    bad(36, SCHEME, "~/repo"),
    bad(36, SCHEME, "\\\\host\\share"),
    bad(36, SCHEME, "C:\\repo"),
    bad(36, SCHEME, "C:/repo"),
    bad(36, SCHEME, "git://git.example.org/a"),
    bad(36, SCHEME, "ftp://git.example.org/a"),
    bad(36, SCHEME, "ssh+git://git.example.org/a"),
    bad(36, SCHEME, "javascript://git.example.org/a"),
    bad(36, SCHEME, "://git.example.org/a"),
    bad(36, SCHEME, ""),
    bad(37, SCHEME, "ext::touch"),
    bad(37, SCHEME, "fd::17"),
    bad(37, SCHEME, "helper::https://git.example.org/a"),
    bad(37, SCHEME, "EXT::https://git.example.org/a"),
    bad(37, SCHEME, "https::git.example.org/a"),
    bad(38, URL, "-uhttps://git.example.org/a"),
    bad(38, URL, "--upload-pack=touch"),
    bad(38, URL, "https://-oProxyCommand=x/a"),
    bad(38, URL, "ssh://-oProxyCommand=x/a"),
    bad(38, URL, "ssh://git@-oProxyCommand=x/a"),
    bad(38, URL, "ssh://-l@git.example.org/a"),
    bad(38, URL, "git@-oProxyCommand=x:a"),
    bad(38, URL, "git@git.example.org:-a"),
    bad(38, URL, "git@git.example.org:--upload-pack=x"),
    bad(39, LOGIN, "https://user:token@git.example.org/a"),
    bad(39, LOGIN, "https://token@git.example.org/a"),
    bad(39, LOGIN, "https://@git.example.org/a"),
    bad(39, LOGIN, "ssh://git:pass@git.example.org/a"),
    bad(39, LOGIN, "git:pass@git.example.org:a"),
    bad(39, LOGIN, "https://good.example.org@evil.example.org/a"),
    bad(40, SCHEME, "http://git.example.org/a"),
    bad(40, SCHEME, "HTTP://git.example.org/a"),
    bad(41, URL, "https://2130706433/a"),
    bad(41, URL, "https://0x7f.1/a"),
    bad(41, URL, "https://127.1/a"),
    bad(41, URL, "https://0177.0.0.1/a"),
    bad(41, URL, "https://0x7f000001/a"),
    bad(41, URL, "https://127.0.0.1.1/a"),
    bad(41, URL, "https://[::1/a"),
    bad(41, URL, "https://[fe80::1%25eth0]/a"),
    bad(43, URL, "https://git.example.org/a\nb"),
    bad(43, URL, "https://git.example.org/a\r\nHost: b"),
    bad(43, URL, "https://git.example.org/a\0b"),
    bad(43, URL, "https://git.example.org/a b"),
    bad(43, URL, " https://git.example.org/a"),
    bad(43, URL, "https://git.example.org/a\u{a0}"),
    bad(43, URL, "https://git.example.org/a;id"),
    bad(43, URL, "https://git.example.org/$(id)"),
    bad(43, URL, "https://git.example.org/`id`"),
    bad(43, URL, "https://git.example.org/a|id"),
    bad(43, URL, "https://git.example.org/a&id"),
    bad(43, URL, "https://git.example.org/a>b"),
    bad(43, URL, "https://git.example.org/'a'"),
    bad(43, URL, "https://git.example.org/\"a\""),
    bad(43, URL, "https://git.example.org/a?x=1"),
    bad(43, URL, "https://git.example.org/a#x"),
    bad(43, URL, "https://git.example.org/a*"),
    bad(43, URL, "https://git.example.org/a\\b"),
    bad(43, URL, "https://git.example.org/../a"),
    bad(43, URL, "https://git.example.org/a/%2e%2e/b"),
    bad(43, URL, "https://git.example.org/a%2fb"),
    bad(43, URL, "https://git.example.org/a%0ab"),
    bad(43, URL, "https://git.example.org/a%"),
    bad(43, URL, "https://git.example.org/a%zz"),
    bad(43, URL, "https://git.example.org/"),
    bad(43, URL, "https://git.example.org"),
    bad(43, URL, "https://git.example.org/.git"),
    bad(43, URL, "https:///a"),
    bad(43, URL, "https://git..example.org/a"),
    bad(43, URL, "https://git.example.org:0/a"),
    bad(43, URL, "https://git.example.org:70000/a"),
    bad(43, URL, "https://git.example.org:/a"),
    bad(43, URL, "https://git.example.org:+1/a"),
    bad(43, URL, "ssh://g;it@git.example.org/a"),
    bad(43, URL, "git@git.example.org:a;id"),
    bad(43, URL, "git@git.example.org:../a"),
    bad(43, URL, "@git.example.org:a"),
    bad(43, URL, "git@:a"),
];

const REF: &str = "invalid_ref";

/// For `RefName`.
pub const REFS: &[Bad] = &[
    bad(44, REF, ""),
    bad(44, REF, "@"),
    bad(44, REF, "a@{1}"),
    bad(44, REF, "a~1"),
    bad(44, REF, "a^"),
    bad(44, REF, "a:b"),
    bad(44, REF, "a?"),
    bad(44, REF, "a*"),
    bad(44, REF, "a[b"),
    bad(44, REF, "a\\b"),
    bad(44, REF, "a..b"),
    bad(44, REF, "a//b"),
    bad(44, REF, "/a"),
    bad(44, REF, "a/"),
    bad(44, REF, "a."),
    bad(44, REF, ".a"),
    bad(44, REF, "a/.b"),
    bad(44, REF, "a.lock"),
    bad(44, REF, "a.lock/b"),
    bad(44, REF, "-a"),
    bad(44, REF, "--upload-pack=x"),
    bad(44, REF, "a b"),
    bad(44, REF, "a\nb"),
    bad(44, REF, "a\u{7f}"),
    bad(44, REF, "a\0"),
    bad(44, REF, "a\u{202e}b"),
];

const OUTSIDE: &str = "path_outside_repository";

/// For `RelPath`.
pub const PATHS: &[Bad] = &[
    bad(45, OUTSIDE, "/etc/passwd"),
    bad(45, OUTSIDE, ".."),
    bad(45, OUTSIDE, "../a"),
    bad(45, OUTSIDE, "a/../../b"),
    bad(45, OUTSIDE, "a/.."),
    bad(45, OUTSIDE, "..\\a"),
    bad(45, OUTSIDE, "a\\b"),
    bad(45, OUTSIDE, "C:a"),
    bad(45, OUTSIDE, "a\0b"),
    bad(45, OUTSIDE, "a\nb"),
];

const HOST: &str = "invalid_host";

/// For `Hostname`.
pub const HOSTS: &[Bad] = &[
    bad(86, HOST, "*"),
    bad(86, HOST, "a.*.example.org"),
    bad(90, HOST, "127.0.0.1"),
    bad(90, HOST, "1.1.1.1"),
    bad(90, HOST, "2130706433"),
    bad(90, HOST, "0x7f.1"),
    bad(90, HOST, "a.0x7f"),
    bad(90, HOST, "::1"),
    bad(90, HOST, "[::1]"),
    bad(90, HOST, "\u{ff11}.1.1.1"),
    bad(90, HOST, "localhost"),
    bad(90, HOST, "a.localhost"),
    bad(90, HOST, "shop"),
    bad(90, HOST, "printer.local"),
    bad(90, HOST, "metadata.google.internal"),
    bad(90, HOST, "a.internal."),
    bad(93, HOST, "a`.example.org"),
    bad(93, HOST, "a\".example.org"),
    bad(93, HOST, "a'.example.org"),
    bad(93, HOST, "a)||Host(`b.example.org"),
    bad(93, HOST, "a||b.example.org"),
    bad(93, HOST, "a.example.org\nb"),
    bad(93, HOST, "$a.example.org"),
    bad(93, HOST, "a.example.org/b"),
    bad(93, HOST, "a.example.org:80"),
    bad(93, HOST, "https://a.example.org"),
    bad(93, HOST, "a b.example.org"),
    bad(93, HOST, "user@a.example.org"),
    bad(93, HOST, "a_b.example.org"),
    bad(93, HOST, "a\0.example.org"),
    bad(95, HOST, ""),
    bad(95, HOST, "."),
    bad(95, HOST, ".example.org"),
    bad(95, HOST, "a..example.org"),
    bad(95, HOST, "a.example.org.."),
    bad(95, HOST, "-a.example.org"),
    bad(95, HOST, "a-.example.org"),
    bad(95, HOST, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org"),
];

const PREFIX: &str = "invalid_path";

/// For `PathPrefix`.
pub const PREFIXES: &[Bad] = &[
    bad(94, PREFIX, ""),
    bad(94, PREFIX, "a"),
    bad(94, PREFIX, "/.."),
    bad(94, PREFIX, "/a/../b"),
    bad(94, PREFIX, "/./a"),
    bad(94, PREFIX, "/a%2fb"),
    bad(94, PREFIX, "/a%2e%2e"),
    bad(94, PREFIX, "//a"),
    bad(94, PREFIX, "/a//b"),
    bad(94, PREFIX, "/a\\b"),
    bad(93, PREFIX, "/a`"),
    bad(93, PREFIX, "/a`) || Host(`b"),
    bad(93, PREFIX, "/a\"b"),
    bad(93, PREFIX, "/a$1"),
    bad(93, PREFIX, "/a\nb"),
    bad(93, PREFIX, "/(a|b)"),
    bad(93, PREFIX, "/a b"),
    bad(93, PREFIX, "/a?b"),
    bad(93, PREFIX, "/a#b"),
    bad(93, PREFIX, "/{a}"),
];

const REDIRECT: &str = "invalid_redirect";

/// For `RedirectTarget`.
pub const REDIRECTS: &[Bad] = &[
    bad(98, REDIRECT, ""),
    bad(98, REDIRECT, "/"),
    bad(98, REDIRECT, "/path"),
    bad(98, REDIRECT, "//evil.example.org"),
    bad(98, REDIRECT, "///evil.example.org"),
    bad(98, REDIRECT, "\\\\evil.example.org"),
    bad(98, REDIRECT, "https:evil.example.org"),
    bad(98, REDIRECT, "https:///evil.example.org"),
    bad(98, REDIRECT, "https://\\evil.example.org"),
    bad(98, REDIRECT, "shop.example.org"),
    bad(98, REDIRECT, "javascript:alert(1)"),
    bad(98, REDIRECT, "JavaScript:alert(1)"),
    bad(98, REDIRECT, " javascript:alert(1)"),
    bad(98, REDIRECT, "java\nscript:alert(1)"),
    bad(98, REDIRECT, "javascript://shop.example.org/%0aalert(1)"),
    bad(98, REDIRECT, "data:text/html,x"),
    bad(98, REDIRECT, "ftp://shop.example.org/"),
    bad(98, REDIRECT, "HTTPS://shop.example.org/"),
    bad(98, REDIRECT, "https://user@shop.example.org/"),
    bad(98, REDIRECT, "https://user:pass@shop.example.org/"),
    bad(98, REDIRECT, "https://shop.example.org@evil.example.org/"),
    bad(98, REDIRECT, "https://shop.example.org:0/"),
    bad(98, REDIRECT, "https://shop.example.org:70000/"),
    bad(98, REDIRECT, "https://localhost/"),
    bad(98, REDIRECT, "https://127.0.0.1/"),
    bad(98, REDIRECT, "https://[::1]/"),
    bad(98, REDIRECT, "https://2130706433/"),
    bad(98, REDIRECT, "https://shop.example.org/$1"),
    bad(98, REDIRECT, "https://shop.example.org/${1}"),
    bad(98, REDIRECT, "https://(.*).example.org/"),
    bad(98, REDIRECT, "https://shop.example.org/[a-z]+"),
    bad(98, REDIRECT, "https://shop.example.org/^a|b"),
    bad(98, REDIRECT, "https://shop.example.org/`"),
    bad(98, REDIRECT, "https://shop.example.org/#x"),
    bad(98, REDIRECT, "https://shop.example.org/a b"),
    bad(98, REDIRECT, "https://shop.example.org/\r\nSet-Cookie: a=b"),
    bad(98, REDIRECT, "https://shop.example.org/\0"),
];

const KEY: &str = "invalid_key";

/// For `EnvKey`.
pub const KEYS: &[Bad] = &[
    bad(100, KEY, ""),
    bad(100, KEY, "A=B"),
    bad(100, KEY, "A B"),
    bad(100, KEY, " A"),
    bad(100, KEY, "A\nB"),
    bad(100, KEY, "A\0"),
    bad(100, KEY, "1A"),
    bad(100, KEY, "A-B"),
    bad(100, KEY, "A.B"),
    bad(100, KEY, "A;B"),
    bad(100, KEY, "$(id)"),
    bad(100, KEY, "A`id`"),
    bad(100, KEY, "\u{c4}"),
];

const NAME: &str = "invalid_name";

/// For `Slug`: names of projects, environments and apps.
pub const SLUGS: &[Bad] = &[
    bad(102, NAME, ""),
    bad(102, NAME, "a;id"),
    bad(102, NAME, "$(id)"),
    bad(102, NAME, "`id`"),
    bad(102, NAME, "../a"),
    bad(102, NAME, "a/b"),
    bad(102, NAME, "Shop"),
    bad(102, NAME, "a_b"),
    bad(102, NAME, "a.b"),
    bad(102, NAME, "a b"),
    bad(102, NAME, "1a"),
    bad(102, NAME, "-a"),
    bad(102, NAME, "a-"),
    bad(102, NAME, "a--b"),
    bad(102, NAME, "a\n"),
    bad(102, NAME, "a\0"),
    bad(102, NAME, "caf\u{e9}"),
    bad(102, NAME, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
];

/// For `DisplayName`.
pub const NAMES: &[Bad] = &[
    bad(103, NAME, ""),
    bad(103, NAME, "   "),
    bad(103, NAME, "\u{200b}"),
    bad(103, NAME, "\u{202e}\u{2066}"),
    bad(103, NAME, "\u{1b}\u{7}"),
];

const IMAGE: &str = "invalid_image";

/// For `ImageRef`.
pub const IMAGES: &[Bad] = &[
    bad(81, IMAGE, ""),
    bad(81, IMAGE, "a b"),
    bad(81, IMAGE, "a;id"),
    bad(81, IMAGE, "$(id)"),
    bad(81, IMAGE, "A"),
    bad(81, IMAGE, "a:"),
    bad(81, IMAGE, "a:-1"),
    bad(81, IMAGE, "a@sha256:abc"),
    bad(81, IMAGE, "a@md5:d41d8cd98f00b204e9800998ecf8427e"),
    bad(81, IMAGE, "a//b"),
    bad(81, IMAGE, "a/"),
    bad(81, IMAGE, "/a"),
    bad(81, IMAGE, "a..b"),
    bad(81, IMAGE, "a/../b"),
    bad(81, IMAGE, "a___b"),
    bad(81, IMAGE, "https://registry.example.org/a"),
    bad(109, IMAGE, "-a"),
    bad(109, IMAGE, "--help"),
    bad(109, IMAGE, "-h.example.org/a"),
    bad(109, IMAGE, "registry.example.org:x/a"),
    bad(109, IMAGE, "registry.example.org:70000/a"),
    bad(109, IMAGE, "user@registry.example.org/a"),
    bad(109, IMAGE, "[::1/a"),
];

/// For `HostPort`: whom a credential is sent to.
pub const CREDENTIAL_HOSTS: &[Bad] = &[
    bad(109, HOST, ""),
    bad(109, HOST, "-registry.example.org"),
    bad(109, HOST, "--insecure"),
    bad(109, HOST, "https://registry.example.org"),
    bad(109, HOST, "registry.example.org/path"),
    bad(109, HOST, "user:pass@registry.example.org"),
    bad(109, HOST, "registry.example.org:0"),
    bad(109, HOST, "registry.example.org:99999"),
    bad(109, HOST, "registry.example.org:-1"),
    bad(109, HOST, "registry..example.org"),
    bad(109, HOST, "a b"),
    bad(109, HOST, "a\nb"),
    bad(109, HOST, "a;id"),
    bad(109, HOST, "::1"),
];

const ADDRESS: &str = "invalid_address";

/// For `StoreAddress`.
pub const STORE_ADDRESSES: &[Bad] = &[
    bad(36, SCHEME, "file:///etc/passwd"),
    bad(36, SCHEME, "gopher://vault.example.org/"),
    bad(36, SCHEME, "unix:/var/run/docker.sock"),
    bad(36, SCHEME, "javascript:alert(1)"),
    bad(36, ADDRESS, "bao.example.net"),
    bad(36, ADDRESS, "//bao.example.net"),
    bad(39, "credentials_in_address", "https://user:token@vault.example.org"),
    bad(39, "credentials_in_address", "https://@vault.example.org"),
    bad(39, "credentials_in_address", "https://good.example.org@evil.example.org"),
    bad(43, ADDRESS, "https://vault.example.org/\r\nx-evil: 1"),
    bad(43, ADDRESS, "https://vault.example.org/\0"),
    bad(43, ADDRESS, "https://vault example.org"),
    bad(43, ADDRESS, "https://evil.example.org\\@vault.example.org"),
    bad(43, ADDRESS, "https://vault.example.org/?token=x"),
    bad(43, ADDRESS, "https://vault.example.org/#x"),
];

const ISSUER: &str = "invalid_issuer";

/// For `Issuer`.
pub const ISSUERS: &[Bad] = &[
    bad(36, ISSUER, ""),
    bad(36, ISSUER, "file:///etc/passwd"),
    bad(36, ISSUER, "javascript:alert(1)"),
    bad(36, ISSUER, "http://login.example.org"),
    bad(36, ISSUER, "idp.example.net"),
    bad(39, ISSUER, "https://user:word@login.example.org"),
    bad(39, ISSUER, "https://good.example.org@evil.example.org"),
    bad(43, ISSUER, "https://login.example.org/\r\nx-evil: 1"),
    bad(43, ISSUER, "https://log in.example.org"),
    bad(43, ISSUER, "https://login.example.org/?a=b"),
    bad(43, ISSUER, "https://login.example.org/#a"),
];

/// For `SecretFileName`.
pub const FILE_NAMES: &[Bad] = &[
    bad(84, NAME, ""),
    bad(84, NAME, ".."),
    bad(84, NAME, "."),
    bad(84, NAME, "../etc/passwd"),
    bad(84, NAME, "/etc/passwd"),
    bad(84, NAME, "a/b"),
    bad(84, NAME, "a\\b"),
    bad(84, NAME, ".bashrc"),
    bad(84, NAME, "-rf"),
    bad(84, NAME, "a b"),
    bad(84, NAME, "a\n"),
    bad(84, NAME, "a\0"),
    bad(84, NAME, "$(id)"),
    bad(84, NAME, "caf\u{e9}"),
];

const OWNER: &str = "invalid_owner";

/// For `SecretFileOwner`.
pub const FILE_OWNERS: &[Bad] = &[
    bad(84, OWNER, ""),
    bad(84, OWNER, "root"),
    bad(84, OWNER, "-1"),
    bad(84, OWNER, "1000:"),
    bad(84, OWNER, ":1000"),
    bad(84, OWNER, "1:2:3"),
    bad(84, OWNER, "4294967296"),
    bad(84, OWNER, "1000 "),
];
