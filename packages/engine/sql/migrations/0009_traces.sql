-- Where a task belongs besides this database: the trace that its creation is part of, and the id that its caller knows it by.
-- Both come with the request and travel with every claim, like the context. trace_parent: W3C `traceparent`; when there is a
-- `tracestate`, a space and that after it.
alter table tasker.task_contexts
  add column trace_parent text,
  add column correlation_id text;
