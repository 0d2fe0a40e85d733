/** In the folder that one is in. */
export const defaultCatalog = 'reveille.yaml';
