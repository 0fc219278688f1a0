import type * as FileSystem from "node:fs/promises";
import { nodeModule } from "../engine/index.js";
import { codeOf } from "./paths.js";

/** The parts of Node's process that tell whether another one still lives. */
interface Host {
  readonly pid: number;
  kill(pid: number, signal: 0): void;
}

/** After this long without a change, the file of a writer that cannot be asked is taken for left over. */
const mostHours = 24;

/**
 * Names the files that saves write before they rename them, and takes away those that killed processes left. A name is
 * short, whatever that of its target, and says which target is meant and who writes:
 * `.wasmgrad-<target>-<machine>-<process>-<start>-<number>.tmp`. Two processes of one number are told apart by when they
 * started, and two machines (or containers, which number processes for themselves) by a name of their own.
 */
export class TemporaryNames {
  private constructor(
    private readonly fileSystem: typeof FileSystem,
    private readonly process: Host,
    private readonly machine: string,
    private readonly start: string,
  ) {}

  static async of(fileSystem: typeof FileSystem): Promise<TemporaryNames> {
    const { process } = globalThis as unknown as { process: Host };
    const processes = await fileSystem.readlink("/proc/self/ns/pid").catch(() => "");
    const machine = hash(`${hostName() ?? crypto.randomUUID()} ${processes}`);
    return new TemporaryNames(fileSystem, process, machine, await startOf(fileSystem, process.pid));
  }

  /** A name for a file that will become `target`. */
  make(target: string): string {
    const number = Math.floor(Math.random() * 2 ** 32).toString(16);
    return [prefixOf(target), this.machine, this.process.pid, this.start, `${number}.tmp`].join("-");
  }

  /** Removes files that were to become `target` and whose writers are gone. What cannot be removed stays. */
  async removeLeftovers(folder: string, target: string): Promise<void> {
    const names = await this.fileSystem.readdir(folder).catch(() => []);
    for (const name of names.filter((candidate) => candidate.startsWith(`${prefixOf(target)}-`))) {
      const path = `${folder}/${name}`;
      if (await this.isLeftOver(path, name)) await this.fileSystem.rm(path, { force: true }).catch(() => undefined);
    }
  }

  private async isLeftOver(path: string, name: string): Promise<boolean> {
    const [machine, pid, start] = name.split("-").slice(2);
    if (machine === this.machine && !(await this.isAlive(Number(pid), start ?? ""))) return true;
    const status = await this.fileSystem.stat(path).catch(() => undefined);
    return status !== undefined && Date.now() - status.mtimeMs > mostHours * 3_600_000;
  }

  /** Whether a process of this machine lives; where the host does not say when it started, any of its number will do. */
  private async isAlive(pid: number, start: string): Promise<boolean> {
    try {
      this.process.kill(pid, 0);
    } catch (error) {
      // Other errors say that it exists and belongs to somebody else, or that this host does not tell.
      if (codeOf(error) === "ESRCH") return false;
    }
    const found = await startOf(this.fileSystem, pid);
    return found === "" || start === "" || found === start;
  }
}

/** Undefined where the host does not tell, as Deno without leave: the machine then has a new name each time. */
function hostName(): string | undefined {
  try {
    return (nodeModule("node:os") as { hostname(): string } | undefined)?.hostname();
  } catch {
    return undefined;
  }
}

function prefixOf(target: string): string {
  return `.wasmgrad-${hash(target)}`;
}

/** When a process started, in ticks since the machine did; "" where there is no /proc. */
async function startOf(fileSystem: typeof FileSystem, pid: number): Promise<string> {
  try {
    const status = await fileSystem.readFile(`/proc/${pid}/stat`, "latin1");
    // The fields after the name, which may hold anything, begin with the third.
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** FNV-1a, 32 bits, in hexadecimal: for names that must be told apart, not for secrets. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16);
}
