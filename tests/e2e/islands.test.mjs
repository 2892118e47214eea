// The islands over the preview, and the same by plain forms.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser } from "./browser.mjs";
import { preview } from "./preview.mjs";

let chromium, rich;
before(async () => {
  [chromium, rich] = await Promise.all([browser(), preview("rich")]);
});
after(async () => {
  await chromium?.close();
  await rich?.stop();
});

/** A page with its islands awake. */
async function awake(path) {
  const context = await chromium.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await page.goto(rich.base + path);
  await page.locator("html[data-live]").waitFor({ timeout: 10_000 });
  return page;
}

test("a deployment is followed live: lines, steps, state", async () => {
  const page = await awake("/deployments/d-running");
  await page.getByText("line 12 <b>is text</b>").waitFor();
  await page.locator('.live[data-link="Live"]').waitFor();
  await page.locator('#step-build[data-state="done"]').waitFor({ timeout: 10_000 });
  await page.locator("#state", { hasText: "Pushing" }).waitFor({ timeout: 10_000 });
  assert.equal(await page.locator("#log b").count(), 0, "log lines are text");
  await page.context().close();
});

test("an app's log follows, pauses and filters", async () => {
  const page = await awake("/apps/a-web/logs");
  await page.getByText("GET /products/3 200").waitFor();
  assert.equal(await page.locator("#log i").count(), 0, "log lines are text");
  await page.getByRole("button", { name: "Pause" }).click();
  const held = await page.locator("#log li").count();
  await page.waitForTimeout(1_200); // lines come each 400 ms: none may be added
  assert.equal(await page.locator("#log li").count(), held);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.waitForFunction((held) => document.querySelectorAll("#log li").length > held, held);
  await page.getByLabel("Show only lines with").fill("products/2 ");
  await page.waitForFunction(() => [...document.querySelectorAll("#log li:not([hidden])")].every((li) => li.textContent.includes("products/2 ")));
  await page.context().close();
});

test("a dangerous button asks in place, once more sends", async () => {
  const page = await awake("/apps/a-web/variables");
  const button = page.getByRole("button", { name: "Delete LOG_LEVEL" });
  await button.click();
  assert.ok(page.url().endsWith("/variables"), "nothing is sent by the first press");
  await page.getByRole("button", { name: "Really delete? Delete LOG_LEVEL" }).click();
  await page.getByText("Variable deleted.").waitFor();
  await page.waitForURL("**/variables"); // told once: it is out of the address
  await page.context().close();
});

test("leaving a dangerous button takes the first press back", async () => {
  const page = await awake("/apps/a-web");
  await page.getByRole("button", { name: "Stop web" }).click();
  await page.getByRole("button", { name: "Really stop? Stop web" }).waitFor();
  await page.getByLabel("Replicas").focus();
  await page.getByRole("button", { name: "Stop web", exact: true }).waitFor();
  await page.context().close();
});

test("the copy button copies", async () => {
  const page = await awake("/apps/a-web/webhooks");
  await page.getByRole("button", { name: "Copy GitHub webhook address" }).click();
  await page.getByText("Copied").first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "https://skep.example.org/webhook/github/w1");
  await page.context().close();
});

test("the theme changes at once and stays, with and without scripts", async () => {
  const page = await awake("/nodes");
  await page.getByRole("button", { name: "Dark" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  assert.equal(await background(), dark);
  await page.context().close();

  const context = await chromium.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${rich.base}/nodes`);
  await plain.getByRole("button", { name: "Dark" }).click();
  await plain.waitForURL("**/nodes");
  assert.equal(await plain.locator("html").getAttribute("data-theme"), "dark");
  await context.close();
});

test("a dangerous button without scripts asks on a page of its own", async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${rich.base}/apps/a-web/domains`);
  await page.getByRole("button", { name: "Remove shop.example.net" }).click();
  await page.getByRole("heading", { name: "Are you sure?" }).waitFor();
  await page.getByRole("button", { name: "Remove domain" }).click();
  await page.getByText("Domain removed.").waitFor();
  assert.equal(await page.getByText("shop.example.net").count(), 0);
  await context.close();
});

test("only the fields of the chosen kind are seen", async () => {
  const page = await awake("/environments/e-prod/apps/new");
  assert.ok(await page.getByRole("textbox", { name: "Repository" }).isVisible());
  await page.getByText("From a registry, run as it is.").click();
  assert.ok(!(await page.getByRole("textbox", { name: "Repository" }).isVisible()));
  assert.ok(await page.getByRole("textbox", { name: "Image" }).isVisible());
  await page.context().close();
});
