import { connect, createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";

import { inject } from "vitest";

/**
 * Where a browser finds a VS Code server. The browser's address stays the same from server to server, since by it the browser
 * knows code that it has compiled.
 */
export interface Address {
  /** For the browser: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The socket that the server listens at; absolute. */
  readonly socket: string;
}

/** The most VS Code servers that the tests of a file have at once. */
const AT_ONCE = 12;

/** The addresses of this file's worker that no server has, once one was wished for. */
let free: Address[] | undefined;

/**
 * Open addresses for some workers: what comes to each is passed on to its socket.
 *
 * @param workers how many test files run at once
 * @param folder where the sockets will be; absolute
 */
export async function openAddresses(
  workers: number,
  folder: string,
): Promise<{ readonly addresses: readonly (readonly Address[])[]; readonly close: () => void }> {
  const servers: Server[] = [];
  const addresses: Address[][] = [];
  for (let worker = 0; worker < workers; worker += 1) {
    const own: Address[] = [];
    for (let index = 0; index < AT_ONCE; index += 1) {
      const socket = join(folder, `${worker}-${index}`);
      const server = await listening(socket);
      servers.push(server);
      own.push({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, socket });
    }
    addresses.push(own);
  }
  const close = (): void => {
    for (const server of servers) {
      server.close();
    }
  };
  return { addresses, close };
}

/** Take an address that no other server of this file has. */
export function takeAddress(): Address {
  free ??= [...(inject("addresses")[Number(process.env["VITEST_POOL_ID"] ?? "1") - 1] ?? [])];
  const address = free.shift();
  if (address === undefined) {
    throw new Error(`the tests of a file have at most ${AT_ONCE} VS Code servers at once`);
  }
  return address;
}

/** Give an address back whose server has ended. The one that was used last is known best, and taken first. */
export function giveBack(address: Address): void {
  if (free?.includes(address) === false) {
    free.unshift(address);
  }
}

async function listening(socket: string): Promise<Server> {
  const server = createServer((client) => {
    // Either end may go away at any time: the other one is closed then, and there is nobody to tell.
    pipeline(client, connect(socket), client, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.unref();
}
