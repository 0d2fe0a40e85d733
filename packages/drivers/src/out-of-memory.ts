/** What Kubernetes and Docker call `OOMKilled`. The kernel may have chosen a process that the service had started. */
export const outOfMemory = 'it, or a process of it, was killed for using more memory than its limit';
