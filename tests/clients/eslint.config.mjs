// The recommended rules for schemas: all of them, as they are, but that values and answers have no id of their own.
import graphql from "@graphql-eslint/eslint-plugin";

const { rules } = graphql.configs["flat/schema-recommended"];
const withoutId = {
  suffixes: ["Aggregate", "Bounds", "Cell", "Chart", "ChartPoint", "ChartRemark", "Connection", "Edge", "Group", "GroupKey", "Measure", "Numbers", "Payload", "Performance", "Permission", "Result", "Score", "ScoreCount", "Week"], // the Relay specification and the conventions give them none, nor have figures
  types: ["FeedbackPoint", "Money", "PageInfo", "Period", "RateLimit", "SignInMethods", "SsoProvider", "TotalCount", "UpsertCounts", "UserError", "WebhookTopic"], // values: equal where their parts are
};

export default [
  {
    files: ["schema.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    linterOptions: { noInlineConfig: true },
    plugins: { "@graphql-eslint": graphql },
    rules: { ...rules, "@graphql-eslint/strict-id-in-types": ["error", { exceptions: withoutId }] },
  },
];
