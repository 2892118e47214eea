// The main path by the browser, on the real server and a real engine: an app is pushed, deployed and
// watched until it is live; a broken version of it is refused with its reason while the old one serves.
// Then once more without scripts, by forms alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser } from "./browser.mjs";
import { app, docker, exits, push, serves, server, setupToken } from "./server.mjs";

const email = "ada@example.org";
const password = "correct horse battery";
const long = { timeout: 90_000 }; // what the engine does, on a machine that does much else
const made = []; // ids of apps
let chromium, skep;
before(async () => {
  skep = await server();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  for (const id of made) {
    const services = docker(["service", "ls", "-q", "--filter", `label=dev.skep.app=${id}`]).split("\n").filter(Boolean);
    if (services.length) docker(["service", "rm", ...services]);
  }
  await skep?.stop();
});

async function visitor(scripts) {
  const context = await chromium.newContext({ javaScriptEnabled: scripts });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  return {
    page, context, errors,
    press: (name) => page.getByRole("button", { name, exact: true }).click(),
    heading: (name) => page.getByRole("heading", { level: 1, name }).waitFor(),
    fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    tab: (name) => page.getByRole("navigation", { name: "App" }).getByRole("link", { name }).click(),
  };
}

/** What the one running container of an app answers to somebody inside of it. */
function answers(id) {
  const running = docker(["ps", "-q", "--filter", "status=running", "--filter", "health=healthy", "--filter", `label=dev.skep.app=${id}`]);
  const [container, more] = running.split("\n").filter(Boolean);
  assert.ok(container && !more, `one healthy container: ${running}`);
  return docker(["exec", "-i", container, "/busybox", "nc", "127.0.0.1", "8080"], "GET /index.html HTTP/1.0\r\n\r\n");
}

/** The app that the page shows. */
function shown(page) {
  const [, id] = /\/apps\/([0-9a-f-]{36})/.exec(page.url());
  made.push(id);
  return id;
}

test("a pushed app is watched until it is live, and a broken one says why while the old one serves", async () => {
  const { page, context, errors, press, heading, fill, tab } = await visitor(true);
  const tree = join(skep.folder, "tree");
  app(tree, "the first version", serves);
  push(tree, skep.repository, "The shop opens");

  await page.goto(skep.base);
  await heading("Welcome to Skep");
  await fill("Setup token", "not the token of this server");
  await fill("Your e-mail address", email);
  await fill("A new password", password);
  await press("Create admin");
  await page.locator(".faults:focus", { hasText: "Setup token" }).waitFor();
  await fill("Setup token", setupToken);
  await fill("A new password", password);
  await press("Create admin");
  await heading("Projects");

  await page.getByRole("link", { name: "Create your first project" }).click();
  await fill("Title", "Web shop");
  await fill("Name", "shop");
  await press("Create project");
  await heading("Web shop");
  await page.getByRole("link", { name: "New app" }).click();
  await fill("Name", "web");
  await page.getByRole("textbox", { name: "Repository" }).fill(skep.repository);
  await page.getByText("As the repository says.").click();
  await page.getByLabel("Port it listens on").fill("8080");
  await press("Create app");
  await heading(/^web/);
  const id = shown(page);

  // Its page tells of the deployment as it goes; the deployment's own page tells each step.
  await page.getByRole("link", { name: /^Deployment #1: (fetching|building|pushing|planning|applying|verifying)/ }).click();
  await heading("Deployment #1");
  await page.locator('.live[data-link="Live"]').waitFor();
  await page.locator('#step-build[data-state="done"]').waitFor(long);
  await page.locator("#log", { hasText: "COPY www /www" }).waitFor(); // the build's own words
  await page.locator('#step-verify[data-state="running"]').waitFor(long);
  await page.locator("#state", { hasText: "Live" }).waitFor(long);
  await page.locator('#step-publish[data-state="done"]').waitFor();
  assert.match(answers(id), /the first version/);

  app(tree, "the second version", exits);
  push(tree, skep.repository, "New prices, and no door");
  await page.goto(`${skep.base}/apps/${id}`);
  await page.getByRole("heading", { name: "Replicas: 1 of 1 healthy" }).waitFor();
  await page.getByLabel("Reason").fill("New prices");
  await press("Deploy now");
  await heading("Deployment #2");
  await page.getByText("Deployment queued.").waitFor();
  await page.locator("#state", { hasText: "Rolled back" }).waitFor(long);
  assert.equal(await page.getByText("Deployment queued.").count(), 0, "what was done is told once");
  await page.getByRole("heading", { name: "Failed in Verify" }).waitFor();
  await page.getByText("non-zero exit (3)").first().waitFor();
  assert.match(await page.locator(".log-tail").innerText(), /the shop has no door/);
  await page.getByText("The release before it serves, and is verified.").waitFor();
  assert.match(answers(id), /the first version/);

  await page.goto(`${skep.base}/apps/${id}`);
  await page.locator(".page-head .badge", { hasText: "Running" }).waitFor();
  await page.locator(".facts", { hasText: "The shop opens" }).waitFor();
  await tab("Deployments");
  await page.locator(".deployment-row", { hasText: "#2" }).getByText("Rolled back").waitFor();
  assert.deepEqual(errors, []);
  await context.close();
});

test("without scripts, forms alone: an archive is uploaded, deployed, scaled, stopped, started, deleted", async () => {
  const { page, context, press, heading, fill, tab } = await visitor(false);
  /** Loads the page again until it shows that; the engine works meanwhile. */
  const until = async (locator) => {
    for (const end = Date.now() + long.timeout; !(await locator.first().isVisible()); await page.waitForTimeout(500)) {
      assert.ok(Date.now() < end, `${page.url()} never showed it: ${await page.locator("main").innerText()}`);
      await page.reload();
    }
  };
  const state = (word) => page.locator(".page-head .badge", { hasText: word });
  const yes = async (question) => {
    await heading("Are you sure?");
    await press(question);
  };

  await page.goto(`${skep.base}/nodes`);
  await heading("Sign in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await press("Sign in");
  await heading("Nodes"); // where the way led before

  await page.goto(skep.base);
  await page.getByRole("link", { name: "New app in production" }).click();
  await fill("Name", "No Name");
  await page.getByRole("radio", { name: /^Upload/ }).check();
  await page.getByRole("radio", { name: /^Dockerfile/ }).check();
  await page.getByLabel("Port it listens on").fill("8080");
  await press("Create app");
  await page.locator("[data-wrong]", { hasText: "Must be" }).waitFor(); // at its field
  await page.goto(page.url()); // a refused form's address leads back to its page
  await heading("New app");
  await fill("Name", "plain");
  await page.getByRole("radio", { name: /^Upload/ }).check();
  await page.getByRole("radio", { name: /^Dockerfile/ }).check();
  await page.getByLabel("Port it listens on").fill("8080");
  await press("Create app");
  await heading(/^plain/);
  const id = shown(page);

  const folder = join(skep.folder, "plain");
  app(folder, "by hand", serves);
  execFileSync("tar", ["-czf", `${folder}.tar.gz`, "-C", folder, "."]);
  await page.getByLabel("Archive").setInputFiles(`${folder}.tar.gz`);
  await press("Upload archive");
  await page.getByText("Archive stored. Deploy to put it live.").waitFor();
  await press("Deploy now");
  await heading("Deployment #1");
  await until(page.locator("#state", { hasText: "Live" }));
  assert.match(answers(id), /by hand/);

  await page.goto(`${skep.base}/apps/${id}`);
  await page.getByLabel("Replicas").fill("2");
  await press("Scale");
  await page.goto(`${skep.base}/apps/${id}`);
  await until(page.getByRole("heading", { name: "Replicas: 2 of 2 healthy" }));
  await press("Stop plain");
  await yes("Stop app");
  await until(state("Stopped"));
  await press("Start");
  await until(state("Running"));

  await tab("Settings");
  await page.getByRole("link", { name: "Delete app…" }).click();
  await page.getByLabel("Type its name: plain").fill("plain");
  await press("Delete app");
  await page.getByText("The app is being deleted.").waitFor();
  const environment = page.url().split("?")[0];
  await until(page.getByRole("link", { name: "web" }));
  await page.goto(environment);
  for (const end = Date.now() + long.timeout; await page.getByRole("link", { name: "plain" }).count(); await page.reload()) {
    assert.ok(Date.now() < end, "the app is still there");
  }
  await context.close();
});
