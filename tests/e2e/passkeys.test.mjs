// Passkeys by the browser's own authenticator, on the real server: registered, signed in with, in place of the
// code, and taken back. Without scripts the page says that it needs them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser } from "./browser.mjs";
import { named, setupToken } from "./server.mjs";

const email = "ada@example.org";
const password = "correct horse battery";
let chromium, skep;
before(async () => {
  skep = await named();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await skep?.stop();
});

/** A page whose browser has an authenticator that knows its person. */
async function visitor() {
  const context = await chromium.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  const awake = async (path) => {
    await page.goto(skep.base + path);
    await page.locator("html[data-live]").waitFor({ timeout: 10_000 });
  };
  const keys = async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  const knows = (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  return {
    page, context, errors, awake, keys, knows, devtools, authenticatorId,
    press: (name) => page.getByRole("button", { name, exact: true }).click(),
    fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    heading: (name) => page.getByRole("heading", { level: 1, name }).waitFor(),
  };
}

test("a passkey is registered, signs in alone, and is removed", async () => {
  const { page, context, errors, awake, keys, knows, devtools, authenticatorId, press, fill, heading } = await visitor();
  await page.goto(skep.base);
  await fill("Setup token", setupToken);
  await fill("Your e-mail address", email);
  await fill("A new password", password);
  await press("Create admin");
  await heading("Projects");

  await awake("/account");
  await fill("Name of the new passkey", "Laptop");
  const section = page.locator("#passkeys");
  await section.getByLabel("Your password", { exact: true }).fill("not the password");
  await press("Register a passkey");
  await section.getByRole("alert").filter({ hasText: "is not your password" }).waitFor();
  assert.equal((await keys()).length, 0);
  await section.getByLabel("Your password", { exact: true }).fill(password);
  await press("Register a passkey");
  await page.getByText("Passkey registered.").waitFor();
  await section.getByText("Laptop", { exact: true }).first().waitFor();
  const [made] = await keys();
  assert.deepEqual([made.rpId, made.isResidentCredential], ["localhost", true]);

  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await awake("/login?next=/account");
  await knows(false);
  await press("Sign in with a passkey");
  await page.getByRole("alert").filter({ hasText: "Nothing was confirmed" }).waitFor({ timeout: 70_000 });
  await knows(true);
  await press("Sign in with a passkey");
  await heading("Account");
  await section.getByText(/last used/).waitFor();

  // A copy of the key, from before it was used.
  const [used] = await keys();
  assert.ok(used.signCount > made.signCount);
  await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: { ...made, signCount: 0 } });
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await awake("/login");
  await press("Sign in with a passkey");
  await page.getByRole("alert").filter({ hasText: "as a copy of it does" }).waitFor();

  await fill("E-mail address", email);
  await fill("Password", password);
  await press("Sign in");
  await heading("Projects");
  await awake("/account");
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  await page.getByRole("button", { name: "Really remove? Remove Laptop" }).click();
  await page.getByText("Passkey removed.").waitFor();
  assert.deepEqual(errors, []);
  await context.close();
});

test("without scripts the page says what a passkey needs, and signs in by password", async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${skep.base}/login`);
  await page.getByText("Passkeys need JavaScript").waitFor();
  assert.ok(await page.getByRole("button", { name: "Sign in with a passkey" }).isDisabled());
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Projects" }).waitFor();
  await context.close();
});
