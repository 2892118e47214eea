// The distribution's Chromium, with nothing of the person's profile.
import { chromium } from "playwright-core";

/** Starts it; SKEP_CHROMIUM names another program. */
export function browser() {
  return chromium.launch({
    executablePath: process.env.SKEP_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
}
