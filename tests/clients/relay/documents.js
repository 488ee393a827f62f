// What relay-compiler reads: the artifacts that it writes from these are what the story runs.
const { graphql } = require("relay-runtime");

graphql`
  query documentsPageQuery($where: CustomerWhere!) {
    ...documents_page @arguments(first: 2, where: $where)
  }`;

graphql`
  query documentsLastPageQuery($where: CustomerWhere!) {
    ...documents_page @arguments(last: 2, where: $where)
  }`;

graphql`
  fragment documents_page on Query
  @argumentDefinitions(
    where: { type: "CustomerWhere!" }
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  )
  @refetchable(queryName: "documentsPaginationQuery") {
    customers(where: $where, first: $first, after: $after, last: $last, before: $before)
    @connection(key: "documents_customers", filters: ["where"]) {
      edges {
        node {
          id
          name
          ...documents_card @relay(mask: false)
        }
      }
    }
  }`;

graphql`
  fragment documents_card on Customer {
    city
    version
  }`;

graphql`
  query documentsNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Customer { name city version }
    }
  }`;

graphql`
  mutation documentsCreateMutation($input: CustomerCreateInput!) {
    customerCreate(input: $input) {
      customer { id name ...documents_card @relay(mask: false) }
      userErrors { field code message }
    }
  }`;

graphql`
  mutation documentsUpdateMutation($id: ID!, $input: CustomerUpdateInput!, $expectedVersion: Int) {
    customerUpdate(id: $id, input: $input, expectedVersion: $expectedVersion) {
      customer { id name ...documents_card @relay(mask: false) }
      userErrors { field code message }
    }
  }`;
