// Takes a picture of every page, light and dark, wide and narrow, to look at after a change of looks:
//   node pictures.mjs <folder> <base address> [path...]
import { mkdirSync } from "node:fs";
import { browser } from "./browser.mjs";
import { pages } from "./pages.mjs";

const [folder, base, ...given] = process.argv.slice(2);
const paths = given.length ? given : pages;
mkdirSync(folder, { recursive: true });
const chromium = await browser();
for (const [name, width, colorScheme] of [["wide-light", 1280, "light"], ["wide-dark", 1280, "dark"], ["narrow-light", 390, "light"], ["narrow-dark", 390, "dark"]]) {
  const context = await chromium.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  for (const path of paths) {
    await page.goto(base + path, { waitUntil: "load" });
    await page.waitForTimeout(150);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
    if (wide) console.log(`wider than the window: ${name} ${path}`);
    await page.screenshot({ path: `${folder}/${name}${path.replaceAll("/", "_")}.png`, fullPage: true });
  }
  await context.close();
}
await chromium.close();
