// What relay-compiler reads for the story of the subscription.
const { graphql } = require("relay-runtime");

graphql`
  subscription liveChangedSubscription($id: ID!, $after: String) {
    customerChanged(id: $id, after: $after) { id topic changed customer { id city version } }
  }`;
