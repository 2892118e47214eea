// Every page over the preview: no error in the console, nothing wider than a phone, nothing that a
// screen reader stumbles over, in light and dark.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser } from "./browser.mjs";
import { pages } from "./pages.mjs";
import { preview } from "./preview.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let chromium, rich, out;
before(async () => {
  [chromium, rich, out] = await Promise.all([browser(), preview("rich"), preview("out")]);
});
after(async () => {
  await chromium?.close();
  await Promise.all([rich?.stop(), out?.stop()]);
});

for (const [name, width, colorScheme] of [["wide and light", 1280, "light"], ["narrow and dark", 390, "dark"]]) {
  test(`every page is clean, ${name}`, async () => {
    const context = await chromium.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    const said = [];
    const stumbles = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    for (const address of [...pages.map((path) => rich.base + path), `${out.base}/login`, `${out.base}/login/second`, `${out.base}/join`]) {
      await page.goto(address, { waitUntil: "load" });
      await page.waitForTimeout(50); // islands wake after load; what they say is wanted too
      const spill = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(spill <= 0, `${address} is ${spill} px wider than the window`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const words = violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
      stumbles.push(...words.map((word) => `${new URL(address).pathname} ${word}`));
    }
    assert.deepEqual(stumbles, []);
    const expected = /status of 404/; // the page that is not there says so
    assert.deepEqual(said.filter((text) => !expected.test(text)), []);
    await context.close();
  });
}

test("every page is complete without scripts", async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const path of pages) {
    await page.goto(rich.base + path);
    assert.equal(await page.locator("h1").count(), 1, path);
    assert.ok((await page.locator("main").innerText()).length > 40, path);
  }
  await page.goto(`${rich.base}/deployments/d-running`);
  assert.ok(await page.getByText("Reload the page to see more.").isVisible());
  assert.equal(await page.getByRole("button", { name: /^Copy/ }).count(), 0, "no button that does nothing");
  await context.close();
});

test("the keyboard alone reaches the content and every tab", async () => {
  const page = await chromium.newPage();
  await page.goto(`${rich.base}/apps/a-web`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  const seen = [];
  for (let n = 0; n < 14; n++) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  for (const tab of ["Overview", "Deployments", "Logs", "Variables", "Domains", "Webhooks", "Settings"]) {
    assert.ok(seen.includes(tab), `${tab} in ${seen}`);
  }
  await page.close();
});
