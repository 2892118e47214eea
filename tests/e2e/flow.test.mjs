// The first minutes of a new instance, by the browser, without and with scripts: setup, project, app,
// variables, domain, webhook, settings, sign out and in. Against the preview; or against a real,
// fresh server where SKEP_E2E_BASE is its address and SKEP_E2E_TOKEN its setup token (then only the
// run with scripts, as a server is set up once).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser } from "./browser.mjs";
import { preview } from "./preview.mjs";

const given = process.env.SKEP_E2E_BASE;
const token = process.env.SKEP_E2E_TOKEN ?? "token";
const email = "ada@example.org";
const password = "correct horse battery";
let chromium;
before(async () => (chromium = await browser()));
after(async () => await chromium?.close());

for (const scripts of given ? [true] : [false, true]) {
  test(`the first minutes, ${scripts ? "with" : "without"} scripts`, async () => {
    const server = given ? { base: given, stop() {} } : await preview("fresh");
    const context = await chromium.newContext({ javaScriptEnabled: scripts, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    const press = (name) => page.getByRole("button", { name, exact: true }).click();
    const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();

    await page.goto(server.base);
    await heading("Welcome to Skep");
    await page.getByLabel("Setup token").fill("not the token");
    await page.getByLabel("Your e-mail address").fill(email);
    await page.getByLabel("A new password").fill(password);
    await press("Create admin");
    await page.locator(".faults").waitFor();
    assert.equal(await page.getByLabel("Your e-mail address").inputValue(), email, "what was entered stays");
    assert.equal(await page.getByLabel("Setup token").inputValue(), "", "secrets do not");
    await page.getByLabel("Setup token").fill(token);
    await page.getByLabel("A new password").fill(password);
    await press("Create admin");
    await heading("Projects");

    await page.getByRole("link", { name: "Create your first project" }).click();
    await page.getByLabel("Title").fill("Web shop");
    await page.getByLabel("Name", { exact: true }).fill("Web Shop");
    await press("Create project");
    assert.ok(page.url().includes("/actions/projects"));
    assert.equal(await page.getByLabel("Title").inputValue(), "Web shop");
    await page.getByLabel("Name", { exact: true }).fill("shop");
    await press("Create project");
    await heading("Web shop");

    await page.getByRole("link", { name: "New app" }).click();
    await page.getByLabel("Name", { exact: true }).fill("web");
    await page.getByRole("radio", { name: /^Image/ }).check();
    await page.getByRole("textbox", { name: "Image" }).fill("docker.io/library/nginx:1.27");
    await page.getByLabel("Port it listens on").fill("80");
    await page.getByLabel("Deploy right away").uncheck();
    await press("Create app");
    await heading(/^web/);
    await page.getByText("Not deployed").first().waitFor();

    const tab = (name) => page.getByRole("navigation", { name: "App" }).getByRole("link", { name }).click();
    await tab("Variables");
    await page.getByLabel("Name", { exact: true }).fill("LOG_LEVEL");
    await page.getByLabel("Value").fill("info");
    await press("Save variable");
    await page.getByText("LOG_LEVEL").waitFor();
    assert.ok(!(await page.content()).includes(">info<"), "a value never comes back");

    await tab("Domains");
    await page.getByLabel("Host", { exact: true }).fill("localhost");
    await press("Add domain");
    await page.locator(".faults").waitFor();
    await page.getByLabel("Host", { exact: true }).fill("shop.example.org");
    await press("Add domain");
    await page.getByRole("link", { name: "shop.example.org" }).first().waitFor();

    await tab("Webhooks");
    await page.getByLabel("Who sends").selectOption("generic");
    await press("Create webhook");
    await heading("Webhook secret");
    const secret = await page.locator("#secret").innerText();
    assert.ok(secret.length >= 24);
    await page.getByRole("link", { name: "I have copied it" }).click();
    assert.ok(!(await page.content()).includes(secret), "shown once");

    await tab("Settings");
    await page.getByLabel("Memory limit").fill("256m");
    await press("Save settings");
    await page.getByText("Settings saved.").waitFor();
    assert.equal(await page.getByLabel("Memory limit").inputValue(), "256m");

    await press("Sign out");
    await heading("Sign in");
    await page.goto(`${server.base}/account`);
    await heading("Sign in");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await press("Sign in");
    await heading("Account");
    assert.deepEqual(errors, []);
    await context.close();
    await server.stop();
  });
}
