// The real server over the lab's engine, with a git host beside it, each on a port of its own and with
// data in a folder that goes away with it. Needs what `tests/lab/parts up` and `tests/run` tell.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const setupToken = "a-setup-token-that-is-long-enough-for-it";

function part(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run tests/run, or start the parts with tests/lab/parts up`);
  return value;
}

/** A free port of an address; another may take it before it is used, which then is told at the start. */
async function freePort(host) {
  const listener = createServer().listen(0, host);
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}

/** Asks until the answer is right; a program that has ended, or 30 seconds, end it. */
async function until(child, log, url) {
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((go) => setTimeout(go, 50))) {
    const said = () => readFileSync(log, "utf8").slice(-2_000);
    if (child.exitCode !== null) throw new Error(`${url}: the program has ended: ${said()}`);
    if (await fetch(url).then((answer) => answer.status < 500, () => false)) return;
  }
  throw new Error(`${url} does not answer`);
}

function start(program, args, env, log) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { PATH: "/usr/bin:/bin", ...env } });
  const file = createWriteStream(log, { flags: "a" });
  child.stdout.pipe(file);
  child.stderr.pipe(file);
  return child;
}

async function end(child) {
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  clearTimeout(late);
}

/** The docker client against the lab's engine. */
export function docker(args, input) {
  return execFileSync("docker", ["-H", part("SKEP_TEST_ENGINE"), ...args], { input, encoding: "utf8" });
}

/** Starts both programs. */
export async function server() {
  const [program, engine, machine] = ["SKEP_BIN", "SKEP_TEST_ENGINE", "SKEP_TEST_MACHINE_ADDRESS"].map(part);
  const folder = mkdtempSync(join(tmpdir(), "skep-e2e-"));
  const at = (name) => join(folder, name);
  writeFileSync(at("log"), "");
  const [port, gitPort] = [await freePort(machine), await freePort(machine)];
  const [base, host] = [`http://${machine}:${port}`, `http://${machine}:${gitPort}`];
  const git = start(join(dirname(program), "git-server"), [], {
    GIT_SERVER_LISTEN: `${machine}:${gitPort}`, GIT_SERVER_ROOT: at("git"), GIT_SERVER_REPOSITORIES: "team/shop",
  }, at("log"));
  const skep = start(program, ["serve", "--data", at("data"), "--listen", `${machine}:${port}`], {
    DOCKER_HOST: engine, SKEP_SETUP_TOKEN: setupToken, SKEP_EDGE_CALLBACK: base,
    SKEP_EDGE_TOKEN: "edge-token-of-the-browser-tests", SKEP_ALLOW_ADDRESSES: `${machine}/32`, SKEP_GIT_ALLOW_HTTP: "true",
  }, at("log"));
  const stop = async () => {
    await Promise.all([end(skep), end(git)]);
    rmSync(folder, { recursive: true });
  };
  try {
    await until(skep, at("log"), `${base}/ready`);
    await until(git, at("log"), `${host}/`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, repository: `${host}/team/shop.git`, folder, stop };
}

/** Starts Skep alone, without engine and git host, under a name: to a browser `localhost` is as good as HTTPS. */
export async function named() {
  const program = part("SKEP_BIN");
  const folder = mkdtempSync(join(tmpdir(), "skep-e2e-"));
  const at = (name) => join(folder, name);
  writeFileSync(at("log"), "");
  const port = await freePort("127.0.0.1");
  const base = `http://localhost:${port}`;
  const skep = start(program, ["serve", "--data", at("data"), "--listen", `127.0.0.1:${port}`], {
    DOCKER_HOST: `unix://${at("no-engine.sock")}`, SKEP_SETUP_TOKEN: setupToken, SKEP_PUBLIC_URL: base,
  }, at("log"));
  const stop = async () => {
    await end(skep);
    rmSync(folder, { recursive: true });
  };
  try {
    await until(skep, at("log"), `http://127.0.0.1:${port}/live`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, stop };
}

/** Writes an app into a folder: a web server of one program that shows `page`, started by `command`. */
export function app(folder, page, command) {
  mkdirSync(join(folder, "www"), { recursive: true });
  copyFileSync("/bin/busybox", join(folder, "busybox"));
  chmodSync(join(folder, "busybox"), 0o755);
  writeFileSync(join(folder, "www/index.html"), `<h1>${page}</h1>\n`);
  writeFileSync(join(folder, "Dockerfile"), `FROM scratch\nCOPY busybox /busybox\nCOPY www /www\nCMD ${JSON.stringify(command)}\n`);
}

/** Serves what `app` wrote, until it is told to stop. */
export const serves = ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"];
/** Says why, and ends. */
export const exits = ["/busybox", "sh", "-c", "echo the shop has no door; exit 3"];

/** Commits all of a folder and pushes it to `main`. */
export function push(folder, repository, message) {
  const env = {
    PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.org", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org",
  };
  const git = (...args) => execFileSync("git", args, { cwd: folder, env, stdio: "pipe" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
  git("push", "--quiet", repository, "HEAD:main");
}
