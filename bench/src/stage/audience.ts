import { clientSubprotocol } from '@reveille/contracts';
import { Crowd } from '../measure/crowd.ts';
import { Teller } from '../measure/teller.ts';
import { broadcasting } from './catalogs.ts';
import { Stage } from './stage.ts';

/** Sessions that all wait for one start that goes on, at an edge of their own, and whoever has them told its next phase. */
export class Audience implements AsyncDisposable {
  readonly teller: Teller;
  readonly #parts: AsyncDisposableStack;

  private constructor(teller: Teller, parts: AsyncDisposableStack) {
    this.teller = teller;
    this.#parts = parts;
  }

  /** @param of.telemetry variables of OpenTelemetry for the deployables */
  static async gather(of: {
    size: number;
    signal: AbortSignal;
    telemetry?: Readonly<Record<string, string>>;
  }): Promise<Audience> {
    const { size, signal, telemetry = {} } = of;
    await using parts = new AsyncDisposableStack();
    const stage = parts.use(await Stage.open(broadcasting, telemetry));
    const frame = (index: number): string => {
      const as = { user: `user-${index}`, tenant: 'bench' };
      return JSON.stringify({ type: 'hello', as, client: { name: 'bench', version: '1' } });
    };
    const hello = { frame, answer: '"initialization_started"' };
    const url = `${stage.url}/v1/connect/chat`;
    const waiting = parts.use(await Crowd.gather({ url, protocols: [clientSubprotocol], size, hello, signal }));
    const { pid } = await stage.starts.first('never', signal);
    return new Audience(new Teller(waiting, stage.programs.edge.pid, pid, signal), parts.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}
