// Starts the dashboard over its API in memory, on a port of its own, and ends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program =
  process.env.SKEP_PREVIEW ?? fileURLToPath(new URL("../../target/debug/examples/preview", import.meta.url));

/** Answers its address and how to stop it. */
export async function preview(mood) {
  const child = spawn(program, ["127.0.0.1:0", mood], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    base: line.trim(),
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
