/** Where a `reveille dev` is when nobody says otherwise. */
export const defaultUrl = 'http://127.0.0.1:8080';
