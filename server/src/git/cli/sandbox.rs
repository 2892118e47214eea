//! The box: a folder of its own for each run, with settings, credentials and an empty home, and
//! the environment that makes git look there and nowhere else. Gone when dropped.

use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::process::Command;

use super::super::{Access, GitError, GitHome};
use super::{courier, failure};
use crate::domain::git_url::{GitUrl, Scheme};

/// What the pinned host keys are filed under: the URL's own name would need escaping.
const HOST_ALIAS: &str = "git-host";

/// Git's settings for every run. Given by the environment, where they win over any file.
const SETTINGS: &[(&str, &str)] = &[
    ("advice.detachedHead", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.bigFileThreshold", "16m"), // larger ones are streamed, not held in memory
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.untrackedCache", "false"),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.unpackLimit", "1"), // every fetch is one pack, written whole or not at all
    ("gc.auto", "0"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "30"),
    ("http.proxy", ""),
    ("http.sslVerify", "true"),
    ("maintenance.auto", "false"),
    ("pack.threads", "1"),
    ("protocol.allow", "never"),
    ("protocol.version", "2"),
    ("safe.bareRepository", "all"),
    ("safe.directory", "*"), // there are only mirrors that we made ourselves
    ("submodule.recurse", "false"),
    ("transfer.bundleURI", "false"),
];

/// One run's folder and environment.
#[derive(Debug)]
pub(super) struct Sandbox {
    _folder: tempfile::TempDir,
    environment: Vec<(OsString, OsString)>,
}

impl Sandbox {
    /// Lays out the folder for speaking with the host of `url` at `addresses`.
    pub(super) fn make(
        home: &GitHome,
        url: &GitUrl,
        addresses: &[IpAddr],
        access: &Access,
        courier: &Path,
    ) -> Result<Self, GitError> {
        Self::lay_out(home, url, addresses, access, courier).map_err(failure::from_io)
    }

    fn lay_out(
        home: &GitHome,
        url: &GitUrl,
        addresses: &[IpAddr],
        access: &Access,
        courier: &Path,
    ) -> io::Result<Self> {
        let runs = home.0.join("run");
        make_private(&runs)?;
        let folder = tempfile::Builder::new()
            .prefix("git-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&runs)?;
        let at = |name: &str| folder.path().join(name);
        make_private(&at("home"))?;
        let mut settings: Vec<(String, String)> =
            SETTINGS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut environment: Vec<(OsString, OsString)> = Vec::new();
        let mut set = |key: &str, value: &OsStr| environment.push((key.into(), value.into()));
        set("PATH", OsStr::new("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        set("HOME", at("home").as_os_str());
        set("XDG_CONFIG_HOME", at("home").as_os_str());
        set("LC_ALL", OsStr::new("C"));
        set("GIT_CONFIG_NOSYSTEM", OsStr::new("1"));
        set("GIT_ATTR_NOSYSTEM", OsStr::new("1"));
        set("GIT_TERMINAL_PROMPT", OsStr::new("0"));
        set("GIT_OPTIONAL_LOCKS", OsStr::new("0"));
        let scheme = match url.scheme() {
            Scheme::Https => "https",
            Scheme::Http => "http",
            Scheme::Ssh => "ssh",
        };
        set("GIT_ALLOW_PROTOCOL", OsStr::new(scheme));
        settings.push((format!("protocol.{scheme}.allow"), "always".to_owned()));
        write_private(&at("config"), header(url, access).as_bytes())?;
        set("GIT_CONFIG_GLOBAL", at("config").as_os_str());
        if url.is_ssh() {
            let hosts = if let Access::Key { private, hosts } = access {
                write_private(&at("key"), private.expose().as_bytes())?;
                hosts.as_slice()
            } else {
                &[]
            };
            write_private(&at("known_hosts"), known_hosts(hosts).as_bytes())?;
            write_private(&at("ssh_config"), ssh_config(folder.path(), url, addresses[0]).as_bytes())?;
            set("GIT_SSH", courier.as_os_str());
            set("GIT_SSH_VARIANT", OsStr::new("ssh"));
            set(courier::SSH_CONFIG, at("ssh_config").as_os_str());
        } else if url.host().parse::<IpAddr>().is_err() && !url.host().starts_with('[') {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            let pinned = format!("{}:{}:{}", url.host(), url.port(), list.join(","));
            settings.push(("http.curloptResolve".to_owned(), pinned));
        }
        set("GIT_CONFIG_COUNT", OsStr::new(&settings.len().to_string()));
        for (at, (key, value)) in settings.iter().enumerate() {
            set(&format!("GIT_CONFIG_KEY_{at}"), OsStr::new(key));
            set(&format!("GIT_CONFIG_VALUE_{at}"), OsStr::new(value));
        }
        Ok(Self { _folder: folder, environment })
    }

    /// The git program with only this environment, working on `mirror`.
    pub(super) fn git(&self, mirror: Option<&Path>, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        if let Some(mirror) = mirror {
            command.arg("--git-dir").arg(mirror);
        }
        command.args(args).current_dir("/");
        command
    }
}

/// The token as a header for this URL's host only; base64 needs no quoting.
fn header(url: &GitUrl, access: &Access) -> String {
    let scheme = match (access, url.scheme()) {
        (Access::Token { .. }, Scheme::Https) => "https",
        (Access::Token { .. }, Scheme::Http) => "http",
        _ => return String::new(),
    };
    let Access::Token { username, token } = access else { return String::new() };
    let pair = STANDARD.encode(format!("{username}:{}", token.expose()));
    let (host, port) = (url.host(), url.port());
    format!("[http \"{scheme}://{host}:{port}/\"]\n\textraHeader = Authorization: Basic {pair}\n")
}

/// Only the type and the key of each line count; whose they are is known.
fn known_hosts(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_type =
            |word: &str| word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-");
        let Some(at) = words.iter().position(|word| is_type(word)) else { continue };
        if let (Some(kind), Some(key)) = (words.get(at), words.get(at + 1)) {
            let _ = writeln!(text, "{HOST_ALIAS} {kind} {key}");
        }
    }
    text
}

/// ssh_config(5): one key, pinned host keys, one address, and none of the conveniences.
fn ssh_config(folder: &Path, url: &GitUrl, address: IpAddr) -> String {
    let at = |name: &str| format!("\"{}\"", folder.join(name).display().to_string().replace('%', "%%"));
    let lines = [
        format!("HostName {address}"),
        format!("User {}", url.user()),
        format!("HostKeyAlias {HOST_ALIAS}"),
        format!("UserKnownHostsFile {}", at("known_hosts")),
        "GlobalKnownHostsFile /dev/null".to_owned(),
        "StrictHostKeyChecking yes".to_owned(),
        "UpdateHostKeys no".to_owned(),
        "CheckHostIP no".to_owned(),
        format!("IdentityFile {}", at("key")),
        "IdentitiesOnly yes".to_owned(),
        "IdentityAgent none".to_owned(),
        "PreferredAuthentications publickey".to_owned(),
        "BatchMode yes".to_owned(),
        "ConnectTimeout 15".to_owned(),
        "ServerAliveInterval 15".to_owned(),
        "ServerAliveCountMax 2".to_owned(),
        "ForwardAgent no".to_owned(),
        "ForwardX11 no".to_owned(),
        "ClearAllForwardings yes".to_owned(),
        "PermitLocalCommand no".to_owned(),
        "ProxyCommand none".to_owned(),
        "ControlMaster no".to_owned(),
        "ControlPath none".to_owned(),
        "LogLevel ERROR".to_owned(),
    ];
    format!("Host *\n{}\n", lines.map(|line| format!("  {line}")).join("\n"))
}

/// Makes a folder, and those above it, for us alone.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn case_039_a_token_is_only_in_a_private_file() {
        let home = tempfile::tempdir().unwrap();
        let url = GitUrl::parse("https://git.example.org/team/app").unwrap();
        let access = Access::Token { username: "git".into(), token: Secret::new("quiet-token") };
        let home = GitHome(home.path().to_owned());
        let sandbox =
            Sandbox::make(&home, &url, &["192.0.2.1".parse().unwrap()], &access, Path::new("/x")).unwrap();
        let shown = format!("{:?}", sandbox.git(None, &["ls-remote", "--", url.as_str()]));
        let coded = STANDARD.encode("git:quiet-token");
        assert!(!shown.contains("quiet-token") && !shown.contains(&coded), "{shown}");
        assert!(shown.contains("git.example.org:443:192.0.2.1"), "{shown}");
        let config = sandbox._folder.path().join("config");
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.contains(&coded) && text.contains("https://git.example.org:443/"), "{text}");
        assert_eq!(config.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(sandbox._folder.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let folder = sandbox._folder.path().to_owned();
        drop(sandbox);
        assert!(!folder.exists());
    }

    #[test]
    fn host_keys_are_taken_from_any_form_of_line() {
        let lines = [
            "[h]:22 ssh-ed25519 AAAA comment",
            "ssh-rsa BBBB",
            "junk",
            "# h ssh-",
            "h ecdsa-sha2-nistp256 CCCC",
        ];
        let text = known_hosts(&lines.map(str::to_owned));
        assert_eq!(
            text,
            "git-host ssh-ed25519 AAAA\ngit-host ssh-rsa BBBB\ngit-host ecdsa-sha2-nistp256 CCCC\n"
        );
    }
}
