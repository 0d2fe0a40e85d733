/** Sizes in CSS pixels; the style sheet gives nodes the same. */
const node = { width: 236, height: 100 };
const gap = { level: 56, row: 20, lane: 14 };
/** Where nodes stand one below the other, height is what lacks. */
const narrow = { height: 88, gap: 14 };

/** A service as far as the drawing cares. */
export interface Drawn {
  readonly service: string;
  readonly dependsOn: readonly string[];
}

export interface Box {
  readonly service: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From a dependency to what needs it. `path`: of an SVG. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

export interface PlanLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** How many services have to be ready one after the other before each can start. */
export function levelsOf(services: readonly Drawn[]): Map<string, number> {
  const levels = new Map<string, number>();
  // Dependencies come before what needs them, so one pass is enough.
  for (const { service, dependsOn } of services) {
    const below = dependsOn.map((name) => levels.get(name) ?? -1);
    levels.set(service, Math.max(-1, ...below) + 1);
  }
  return levels;
}

/** Levels from left to right where there is room, else one below the other with the arrows beside them. */
export function layoutPlan(services: readonly Drawn[], width: number): PlanLayout {
  const levels = levelsOf(services);
  const columns = Math.max(0, ...levels.values()) + 1;
  const wide = columns * node.width + (columns - 1) * gap.level;
  return wide <= width ? inColumns(services, levels, wide) : inRows(services, width);
}

function inColumns(services: readonly Drawn[], levels: ReadonlyMap<string, number>, width: number): PlanLayout {
  const inLevel = (level: number) => services.filter(({ service }) => levels.get(service) === level);
  const columns = [...new Set(levels.values())].map(inLevel);
  const rows = Math.max(...columns.map((column) => column.length));
  const height = rows * node.height + (rows - 1) * gap.row;
  const boxes = columns.flatMap((column, level) => {
    const top = (height - column.length * node.height - (column.length - 1) * gap.row) / 2;
    return column.map(({ service }, row) => ({
      service,
      x: level * (node.width + gap.level),
      y: top + row * (node.height + gap.row),
      ...node,
    }));
  });
  const arrows = connections(services, boxes).map(({ from, to }) => {
    const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
    const [x2, y2] = [to.x - 2, to.y + to.height / 2];
    // Past other levels an arrow runs in the gap before its end, so that it does not hide behind what lies between.
    const bend = x2 - gap.level / 2;
    const path = `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
    return { from: from.service, to: to.service, path };
  });
  return { width, height, boxes, arrows };
}

function inRows(services: readonly Drawn[], width: number): PlanLayout {
  const pairs = services.flatMap(({ service, dependsOn }) => dependsOn.map((from) => ({ from, to: service })));
  const gutter = gap.lane * (Math.min(pairs.length, 3) + 1);
  const boxes = services.map(({ service }, row) => ({
    service,
    x: gutter,
    y: row * (narrow.height + narrow.gap),
    width: Math.max(0, width - gutter),
    height: narrow.height,
  }));
  const arrows = connections(services, boxes).map(({ from, to }, index) => {
    const lane = gutter - gap.lane * (1 + (index % 3));
    // Side by side, so that an arrow in and an arrow out of the same node stay apart.
    const [y1, y2] = [from.y + from.height * 0.62, to.y + to.height * 0.38];
    const path = `M${gutter} ${y1}H${lane + 6}Q${lane} ${y1} ${lane} ${y1 + 6}V${y2 - 6}Q${lane} ${y2} ${lane + 6} ${y2}H${gutter - 2}`;
    return { from: from.service, to: to.service, path };
  });
  const height = Math.max(0, services.length * (narrow.height + narrow.gap) - narrow.gap);
  return { width, height, boxes, arrows };
}

function connections(services: readonly Drawn[], boxes: readonly Box[]): { from: Box; to: Box }[] {
  const byName = new Map(boxes.map((box) => [box.service, box]));
  return services.flatMap(({ service, dependsOn }) =>
    dependsOn.flatMap((name) => {
      const [from, to] = [byName.get(name), byName.get(service)];
      return from && to ? [{ from, to }] : [];
    }),
  );
}
