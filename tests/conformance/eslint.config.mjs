// ESLint for the exported schema. Run from the repository's root (`npm run lint` does), because ESLint
// ignores files outside its working directory.
import { fileURLToPath } from 'node:url';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';

const schema = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

/** Object types that are parts of another object, or the viewer, who is asked for as such. */
const TYPES_WITHOUT_ID = [
  'AccessExplanation',
  'CaseLead',
  'Competence',
  'ConsentRecipient',
  'Criteria',
  'CriteriaChange',
  'CriteriaVersion',
  'CriterionReason',
  'DeclineCount',
  'DutyToRefer',
  'Eligibility',
  'ExplainedGrant',
  'ExplainedRestriction',
  'HouseholdMember',
  'IntakeNotice',
  'LikeRecord',
  'OrganisationLink',
  'OrganisationMerge',
  'OutcomeCount',
  'ReferralAnswer',
  'ReferralAssignee',
  'ReferralEntry',
  'ReferralFeedback',
  'ReferralNarrative',
  'ReferralQuestion',
  'ReferralStep',
  'RestrictionPerson',
  'SenderFigures',
  'ServiceEligibility',
  'SuggestedService',
  'TeamFigures',
  'TriageClock',
  'TriageCount',
  'Viewer',
  'WorkerCaseload',
];

/** Object types whose name ends like this describe a part, an answer or a figure: nothing to refetch by id. */
const SUFFIXES_WITHOUT_ID = [
  'Access',
  'Connection',
  'Edge',
  'Error',
  'PageInfo',
  'Payload',
  'Redaction',
  'Section',
  'Summary',
];

export default [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphqlPlugin },
    languageOptions: {
      parser: graphqlPlugin.parser,
      parserOptions: { graphQLConfig: { schema } },
    },
    rules: {
      ...graphqlPlugin.configs['flat/schema-recommended'].rules,
      ...graphqlPlugin.configs['flat/schema-relay'].rules,
      // `InputValueDefinition` covers arguments and input fields.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
        },
      ],
      // Short closed lists (user errors, redactions) need no connection; a row of figures is nothing to fetch again (tests/house.rs knows which).
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // Lists inside an object, and those of the registry, are paged forward only.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { suffixes: SUFFIXES_WITHOUT_ID, types: TYPES_WITHOUT_ID } }],
    },
  },
];
