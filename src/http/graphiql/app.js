// GraphiQL with a persona switcher. Development profile only: the server hands out the demo tokens.
'use strict';

(() => {
  const ENDPOINT = '/graphql';
  const PERSONAS = '/graphiql/personas';
  const REMEMBERED = 'alliance.persona'; // holds the persona's name, never its token

  const select = document.getElementById('persona');
  const loadExample = document.getElementById('load-example');
  const description = document.getElementById('persona-description');
  const status = document.getElementById('status');
  const root = ReactDOM.createRoot(document.getElementById('graphiql'));

  /** GraphiQL keeps queries and variables here instead of in localStorage: a reload forgets them. */
  function memoryStorage() {
    const items = new Map();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, String(value)),
      removeItem: (key) => void items.delete(key),
      clear: () => items.clear(),
      get length() {
        return items.size;
      },
    };
  }

  /** A fetcher bound to one persona; an `authorization` typed in the Headers tab wins over it. */
  function createFetcher(persona, signal) {
    return async (parameters, options = {}) => {
      const headers = new Headers(options.headers);
      headers.set('content-type', 'application/json');
      headers.set('accept', 'application/graphql-response+json, application/json');
      if (persona && !headers.has('authorization')) {
        headers.set('authorization', `Bearer ${persona.token}`);
      }
      const response = await fetch(ENDPOINT, {
        method: 'POST',
        headers,
        body: JSON.stringify(parameters),
        cache: 'no-store',
        credentials: 'omit',
        signal,
      });
      if (response.status === 401) {
        status.textContent = persona
          ? 'The server refused the token (401). Restarted it? Reload this page.'
          : 'The server refuses requests without a token (401).';
      }
      const text = await response.text();
      try {
        return JSON.parse(text);
      } catch {
        return { errors: [{ message: `HTTP ${response.status}, not JSON: ${text.slice(0, 500)}` }] };
      }
    };
  }

  const storage = memoryStorage();
  let personas = [];
  let fetcher;
  let inFlight = new AbortController();

  function render(props) {
    ReactDOM.flushSync(() => {
      root.render(React.createElement(GraphiQL, { fetcher, storage, shouldPersistHeaders: false, ...props }));
    });
  }

  /** Sets editor contents once; GraphiQL writes a prop into its editor only when the prop changes. */
  function renderOnce(props) {
    render(props);
    render({});
  }

  const chosen = () => personas.find(({ name }) => name === select.value);

  /** A new fetcher makes GraphiQL introspect again; the answer to the former persona goes away. */
  function applyPersona() {
    const persona = chosen();
    inFlight.abort();
    inFlight = new AbortController();
    fetcher = createFetcher(persona, inFlight.signal);
    description.textContent = persona?.description ?? 'Requests carry no token.';
    loadExample.disabled = !persona?.example;
    status.textContent = `Acting as ${persona?.name ?? 'nobody'}.`;
    renderOnce({ response: '' });
  }

  function remember(name) {
    try {
      sessionStorage.setItem(REMEMBERED, name);
    } catch {
      // Storage is blocked: the choice lasts until the next reload.
    }
  }

  function remembered() {
    try {
      return sessionStorage.getItem(REMEMBERED);
    } catch {
      return null;
    }
  }

  select.addEventListener('change', () => {
    remember(select.value);
    applyPersona();
  });

  loadExample.addEventListener('click', () => {
    const persona = chosen();
    if (persona) {
      renderOnce({ query: persona.example });
      status.textContent = `Example of ${persona.name} loaded.`;
    }
  });

  async function start() {
    let problem = '';
    try {
      const response = await fetch(PERSONAS, { cache: 'no-store', credentials: 'omit' });
      if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
      }
      personas = await response.json();
    } catch (error) {
      problem = `Personas are not available: ${error.message}`;
    }
    for (const { name } of personas) {
      select.add(new Option(name, name));
    }
    const name = remembered() ?? personas[0]?.name ?? '';
    select.value = name;
    if (select.selectedIndex < 0) {
      select.value = personas[0]?.name ?? '';
    }
    select.disabled = false;
    applyPersona();
    if (problem) {
      status.textContent = problem;
    }
  }

  void start();
})();
