import { afterAll, beforeAll, describe } from 'vitest';
import { brokerConformance } from '../conformance/broker-conformance.ts';
import { isWholeRun } from './on-demand.ts';
import { Shape, type ShapeName } from './shape.ts';

/** The whole suite on one Redis of a shape. */
export function conformanceOn(name: ShapeName): void {
  describe.runIf(isWholeRun)(`conformance on ${name}`, () => {
    let shape: Shape;
    beforeAll(async () => void (shape = await Shape.launch(name)));
    afterAll(() => shape[Symbol.asyncDispose]());
    brokerConformance((options) => shape.bench(options));
  });
}
