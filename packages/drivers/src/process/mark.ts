/** The one variable by which a run, and whatever it starts, is recognised on its host: by later initializers too. */
export const MARK_VARIABLE = 'REVEILLE_RUN';

export type Mark = {
  /** The deployment, so that two of them on one host leave each other alone. */
  namespace: string;
  hostId: string;
  /** The process that started it. It may be dead. */
  initializerPid: number;
  /** The name of the run. */
  name: string;
};

/** What all marks of one deployment on one host begin with. */
export function markPrefix(of: Pick<Mark, 'namespace' | 'hostId'>): string {
  return `${encodeURIComponent(of.namespace)}/${encodeURIComponent(of.hostId)}/`;
}

/** `{namespace}/{hostId}/{initializer pid}/{name}`. The parts are percent-encoded, so that none can pass for another. */
export function formatMark(mark: Mark): string {
  return `${markPrefix(mark)}${mark.initializerPid}/${encodeURIComponent(mark.name)}`;
}

/** Undefined for anything that {@link formatMark} did not write. */
export function parseMark(text: string): Mark | undefined {
  const [namespace, hostId, pid, name, ...more] = text.split('/');
  if (namespace === undefined || hostId === undefined || pid === undefined || name === undefined) return undefined;
  if (more.length > 0 || !/^\d{1,10}$/.test(pid)) return undefined;
  try {
    return {
      namespace: decodeURIComponent(namespace),
      hostId: decodeURIComponent(hostId),
      initializerPid: Number(pid),
      name: decodeURIComponent(name),
    };
  } catch {
    return undefined; // A malformed percent sequence: not ours.
  }
}
