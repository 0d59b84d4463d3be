/** @type {import('@graphql-codegen/cli').CodegenConfig} */
export default {
  schema: '../../schema.graphql',
  documents: 'operations/*.graphql',
  generates: { 'generated/operations.ts': { plugins: ['typescript', 'typescript-operations'] } },
};
