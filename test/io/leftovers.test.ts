import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import fileSystem from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { writeFileAtomically } from "../../src/io/index.js";
import { TemporaryNames } from "../../src/io/leftovers.js";
import { temporaryFolder } from "../data/idx.js";

const parent = temporaryFolder();
const newFolder = (): string => mkdtempSync(join(parent, "leftovers-"));
const day = 24 * 3600;

/** A file that somebody, by default this process, is writing for a save to `target`. */
async function unfinished(
  folder: string,
  target: string,
  writer: { machine?: string; pid?: number; start?: string; age?: number } = {},
): Promise<string> {
  const [dot, of, machine, pid, start, number] = (await TemporaryNames.of(fileSystem)).make(target).split("-");
  const name = [dot, of, writer.machine ?? machine, writer.pid ?? pid, writer.start ?? start, number].join("-");
  writeFileSync(join(folder, name), "half a mod");
  const seconds = Date.now() / 1000 - (writer.age ?? 0);
  utimesSync(join(folder, name), seconds, seconds);
  return name;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

/** The names in a folder after a save to `model`. */
async function afterSave(folder: string): Promise<string[]> {
  await writeFileAtomically(join(folder, "model"), Uint8Array.of(1));
  return readdirSync(folder).filter((name) => name !== "model");
}

describe("a save", () => {
  it("works where the host does not tell its name, and takes nobody's file for its own", async () => {
    const folder = newFolder();
    const pid = await deadPid();
    const ofThisMachine = await unfinished(folder, "model", { pid });
    const hostname = vi.spyOn(os, "hostname").mockImplementation(() => {
      throw new Error("Requires sys access");
    });
    expect(await afterSave(folder)).toEqual([ofThisMachine]);
    hostname.mockRestore();
    expect(await afterSave(folder)).toEqual([]);
  });

  it("takes away what a killed process left of the same file", async () => {
    const folder = newFolder();
    const save = new URL("../../src/io/save.ts", import.meta.url).href;
    // Gets no further than half of its file.
    const script = `
      import fs from "node:fs/promises";
      const { open } = fs;
      fs.open = async (...given) => {
        const file = await open(...given);
        const { writeFile } = file;
        file.writeFile = async (bytes) => {
          await writeFile.call(file, bytes.subarray(0, 5));
          process.stdout.write("half");
          await new Promise((resolve) => setTimeout(resolve, 1e6));
        };
        return file;
      };
      const { writeFileAtomically } = await import(${JSON.stringify(save)});
      await writeFileAtomically(${JSON.stringify(join(folder, "model"))}, new Uint8Array(10));
    `;
    const arguments_ = ["--import", "tsx", "--input-type=module", "--eval", script];
    const child = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const written = readdirSync(folder);
    expect(written).toEqual([expect.stringMatching(/^\.wasmgrad-/)]);
    // It still writes: the file stays.
    expect(await afterSave(folder)).toEqual(written);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await afterSave(folder)).toEqual([]);
  });

  it("leaves what living processes write, this one and others", async () => {
    const folder = newFolder();
    const names = [
      await unfinished(folder, "model"),
      await unfinished(folder, "model", { pid: process.ppid, start: "" }),
    ];
    expect(await afterSave(folder)).toEqual(names.toSorted());
  });

  it("knows a process that has only the number of one that is gone", async () => {
    const folder = newFolder();
    const name = await unfinished(folder, "model", { start: "1" });
    // Where nothing tells when a process started, the number is all there is.
    expect(await afterSave(folder)).toEqual(existsSync("/proc/self/stat") ? [] : [name]);
  });

  it("leaves what another machine may be writing, until a day has passed without a change", async () => {
    const folder = newFolder();
    const pid = await deadPid();
    const young = await unfinished(folder, "model", { machine: "0", pid, age: day - 3600 });
    await unfinished(folder, "model", { machine: "0", pid, age: day + 3600 });
    expect(await afterSave(folder)).toEqual([young]);
  });

  it("takes away what is a day old, whoever has its writer's number now", async () => {
    const folder = newFolder();
    await unfinished(folder, "model", { pid: process.ppid, start: "", age: day + 3600 });
    expect(await afterSave(folder)).toEqual([]);
  });

  it("leaves what belongs to other files, and what only looks alike", async () => {
    const folder = newFolder();
    const other = await unfinished(folder, "another", { pid: await deadPid() });
    const alike = (await unfinished(folder, "model", { pid: await deadPid() })).slice(0, -1).split("-").slice(0, 2);
    mkdirSync(join(folder, `${alike.join("-")}-folder`));
    writeFileSync(join(folder, "model.1234.tmp"), "");
    const found = await afterSave(folder);
    expect(found).toContain(other);
    expect(found).toContain("model.1234.tmp");
    expect(found).toContain(`${alike.join("-")}-folder`);
  });

  it("does its work where nothing can be taken away", async () => {
    const folder = newFolder();
    const target = (await TemporaryNames.of(fileSystem)).make("model").split("-").slice(0, 3).join("-");
    mkdirSync(join(folder, `${target}-${await deadPid()}--1.tmp`));
    await afterSave(folder);
    expect(readdirSync(folder)).toContain("model");
  });
});
