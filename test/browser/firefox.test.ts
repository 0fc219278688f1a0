import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openInBrowser } from "../host/browser.js";
import { filesOf, type Read, serve } from "../host/serve.js";
import { buildDemo } from "./demoPage.js";

const dist = fileURLToPath(new URL("../../examples/demo/dist", import.meta.url));

/** Firefox is not driven: a script in the page plays the visitor, and posts what it saw. */
const visitor = `
const problems = [];
addEventListener("error", ({ message }) => problems.push(message));
addEventListener("unhandledrejection", ({ reason }) => problems.push(String(reason)));
const text = (id) => document.getElementById(id).textContent;
const until = async (condition) => {
  while (!condition()) {
    if (text("problem") !== "") return problems.push(text("problem"));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
await until(() => document.querySelector("#toggle:enabled"));
document.getElementById("toggle").click();
await until(() => parseFloat(text("held-out")) >= 95);
document.querySelector('[aria-label="A held-out 4"]').click();
await until(() => text("verdict") === "4");
const visit = { isTrained: parseFloat(text("held-out")) >= 95, verdict: text("verdict"), problems };
await fetch("visit", { method: "POST", body: JSON.stringify(visit) });
`;

describe("the demo in Firefox", () => {
  it("reads 95 % of the held-out digits within a minute, with no error", async () => {
    await buildDemo();
    const visited = `${readFileSync(`${dist}/index.html`, "utf8")}<script type="module">${visitor}</script>`;
    const files = filesOf(dist);
    const read: Read = (path) => (path === "/visited.html" ? visited : files(path));
    const visit = (url: string, posted: Promise<unknown>): Promise<unknown> =>
      openInBrowser("firefox-esr", `${url}visited.html`, posted);
    expect(await serve(read, true, visit)).toEqual({ isTrained: true, verdict: "4", problems: [] });
  }, 90_000);
});
