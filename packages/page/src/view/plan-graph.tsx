import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { layoutPlan } from '../state/plan-layout.ts';
import type { ServiceView } from '../state/service-view.ts';
import { PlanNode } from './plan-node.tsx';

/** The services of a plan, what each needs before it, and how far it is. */
export function PlanGraph({ services, now }: { services: readonly ServiceView[]; now: number }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const plan = layoutPlan(services, width);
  const isReady = (name: string) => services.find(({ service }) => service === name)?.state === 'ready';
  return (
    <div class="graph" ref={place}>
      <div class="drawing" style={{ width: `${plan.width}px`, height: `${plan.height}px` }}>
        <svg width={plan.width} height={plan.height} aria-hidden="true">
          <defs>
            {['to-come', 'done'].map((name) => (
              <marker
                key={name}
                id={`tip-${name}`}
                class={name}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="8"
                markerHeight="8"
                orient="auto"
              >
                <path d="M0 0.500 7.500 4 0 7.500z" />
              </marker>
            ))}
          </defs>
          {plan.arrows.map(({ from, to, path }) => {
            const look = isReady(from) ? 'done' : 'to-come';
            return <path key={`${from} ${to}`} class={look} d={path} marker-end={`url(#tip-${look})`} />;
          })}
        </svg>
        <ul aria-label="Services">
          {plan.boxes.map(({ service, x, y, width: w, height }) => {
            const view = services.find((one) => one.service === service);
            const place = { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${height}px` };
            return view === undefined ? null : <PlanNode key={service} view={view} now={now} place={place} />;
          })}
        </ul>
      </div>
    </div>
  );
}
