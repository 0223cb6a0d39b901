/**
 * The recorder's clock, as far as this browser can know it: each message that carries the time gives an offset too
 * small by its own delay, so the largest of the recent ones is the best.
 */
export class ServerClock {
  private offsets_us: number[] = [];

  constructor(private readonly browserNow_us: () => number) {}

  observe(serverNow_us: number): void {
    this.offsets_us = [...this.offsets_us.slice(-11), serverNow_us - this.browserNow_us()];
  }

  now_us(): number {
    return this.browserNow_us() + (this.offsets_us.length ? Math.max(...this.offsets_us) : 0);
  }
}

export const serverClock = new ServerClock(() => Date.now() * 1000);
