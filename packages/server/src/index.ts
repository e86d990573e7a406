// The place of Tasker's HTTP face: REST, GraphQL, OpenAPI and authentication. Nothing of it is built yet, so the package
// is private and exports nothing; the engine and the command line do not need it.
export {}
