/**
 * Mean wait at one server by Kingman's formula (1961) for general arrivals and service: utilisation / (1 − utilisation) × (ca² + cs²) / 2 ×
 * service, with the variation (standard deviation / mean) of the gaps between arrivals and of the service.
 */
export function kingmanWait(of: {
  utilisation: number;
  gapVariation: number;
  serviceVariation: number;
  serviceMs: number;
}): number {
  const { utilisation, gapVariation, serviceVariation, serviceMs } = of;
  return (utilisation / (1 - utilisation)) * ((gapVariation ** 2 + serviceVariation ** 2) / 2) * serviceMs;
}

/** Erlang's C: the probability that a request has to wait, for `load` (arrival rate × service time, below `servers`) at so many servers. */
export function erlangC(servers: number, load: number): number {
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) blocked = (load * blocked) / (count + load * blocked);
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/**
 * Mean wait at several servers by the approximation of Allen and Cunneen: the wait of M/M/c (Erlang's C) × (ca² + cs²) / 2. Exact for
 * independent arrivals and exponential service, an estimate else.
 */
export function allenCunneenWait(of: {
  servers: number;
  load: number;
  gapVariation: number;
  serviceVariation: number;
  serviceMs: number;
}): number {
  const { servers, load, gapVariation, serviceVariation, serviceMs } = of;
  const variation = (gapVariation ** 2 + serviceVariation ** 2) / 2;
  return ((erlangC(servers, load) * serviceMs) / (servers - load)) * variation;
}

/** Standard deviation divided by mean; 0 when the mean is 0. */
export function variationOf(values: Float64Array): number {
  const mean = values.reduce((all, value) => all + value, 0) / values.length;
  if (!(mean > 0)) return 0;
  return Math.sqrt(values.reduce((all, value) => all + (value - mean) ** 2, 0) / values.length) / mean;
}
