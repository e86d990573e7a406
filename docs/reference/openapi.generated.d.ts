// The types of openapi.json, by tools/generate-rest-reference.ts. Do not edit.

export interface paths {
    "/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find tasks
         * @description Of what the caller may see. A page costs the same however many tasks are kept; with conditions that no index answers (initiator, source_system, held, priority, times, context) it looks at the 10,000 tasks next in order, so it may be short, or empty, and not be the last: `page.next_cursor` says.
         *
         *     Needs the permission `tasker.task:index`.
         */
        get: operations["listTasks"];
        put?: never;
        /**
         * Create a task
         * @description The fields stand by themselves or under `task`.
         *
         *     Needs the permission `tasker.task:create`.
         */
        post: operations["createTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create many tasks, all or none
         * @description An idempotency key stands with its task.
         *
         *     Needs the permission `tasker.task:create`.
         */
        post: operations["createTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one task
         * @description With its steps, annotations, context and standing; `include` adds results and the dependency analysis, `fields` names exactly what is wanted.
         *
         *     Needs the permission `tasker.task:show`.
         */
        get: operations["getTask"];
        /**
         * Change tags, reason and priority
         * @description What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `task`. Tags and reason can be changed at any time, the priority as long as the task may go on.
         *
         *     Needs the permission `tasker.task:update`.
         */
        put: operations["putTask"];
        post?: never;
        /**
         * Cancel a task
         * @description The same as the action `cancel`: its steps are cancelled with it, what runs is called off. Nothing is removed. Of a cancelled task nothing changes.
         *
         *     Needs the permission `tasker.task:cancel`.
         */
        delete: operations["deleteTask"];
        options?: never;
        head?: never;
        /**
         * Change tags, reason and priority
         * @description What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `task`. Tags and reason can be changed at any time, the priority as long as the task may go on.
         *
         *     Needs the permission `tasker.task:update`.
         */
        patch: operations["updateTask"];
        trace?: never;
    };
    "/tasks/{task_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was recorded of a task
         * @description Oldest first.
         *
         *     Needs the permission `tasker.task:show`.
         */
        get: operations["listTaskHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell what happened to a task
         * @description Who did what, when and why, and where the time of each step went.
         *
         *     Needs the permission `tasker.task:show`.
         */
        get: operations["getTaskTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say why a task does not progress
         * @description For each step that is not done the reason, since when, what happens next, and what would change it. What handlers threw is left out for a caller without `tasker.workflow_step:show_payload`.
         *
         *     Needs the permission `tasker.task:show`.
         */
        get: operations["explainTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Draw a task as a graph
         * @description As JSON, Mermaid, DOT or SVG. The SVG holds no script and no link, whatever the steps are called. `durations`: default `measured`.
         *
         *     Needs the permission `tasker.task_diagram:index`.
         */
        get: operations["getTaskGraph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/dependency_analysis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Analyse the graph of a task
         * @description Paths and which of them matter most, what can run at once, what failed steps keep from running, what holds it up. Weights: section `dependencyGraph` of the configuration.
         *
         *     Needs the permission `tasker.task:show`.
         */
        get: operations["analyseTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/annotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the annotations of a task
         * @description Needs the permission `tasker.task:show`.
         */
        get: operations["listTaskAnnotations"];
        put?: never;
        /**
         * Attach an annotation to a task
         * @description At any time. The same annotation written again is stored once.
         *
         *     Needs the permission `tasker.task:update`.
         */
        post: operations["annotateTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the steps of a task
         * @description In the order of declaration. Payloads are there with `include` or `fields`.
         *
         *     Needs the permission `tasker.workflow_step:index`.
         */
        get: operations["listWorkflowSteps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one step
         * @description Needs the permission `tasker.workflow_step:show`.
         */
        get: operations["getWorkflowStep"];
        /**
         * Change retry limit and inputs
         * @description What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `workflow_step`.
         *
         *     Needs the permission `tasker.workflow_step:update`.
         */
        put: operations["putWorkflowStep"];
        post?: never;
        /**
         * Cancel a step
         * @description The same as the action `cancel`. Nothing is removed.
         *
         *     Needs the permission `tasker.workflow_step:cancel`.
         */
        delete: operations["deleteWorkflowStep"];
        options?: never;
        head?: never;
        /**
         * Change retry limit and inputs
         * @description What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `workflow_step`.
         *
         *     Needs the permission `tasker.workflow_step:update`.
         */
        patch: operations["updateWorkflowStep"];
        trace?: never;
    };
    "/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a task
         * @description Running steps are called off, the rest is cancelled, and nothing that finishes late changes it. Of a cancelled task nothing changes.
         *
         *     Needs the permission `tasker.task:cancel`.
         */
        post: operations["cancelTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give all steps that failed for good more attempts
         * @description Now, and revives a task in error. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.task:retry`.
         */
        post: operations["retryTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/retry_now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make all retries that are to come come now
         * @description Whatever they wait for. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.task:retry`.
         */
        post: operations["retryTaskNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/wake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make all steps that wait for a time run now
         * @description Those that asked to wait. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.task:retry`.
         */
        post: operations["wakeTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a task in error for done
         * @description Its steps stay as they are.
         *
         *     Needs the permission `tasker.task:update`.
         */
        post: operations["resolveTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold a task
         * @description No step of it starts any more, until it is resumed; what runs goes on. Its deadline waits too. Of a held task nothing changes.
         *
         *     Needs the permission `tasker.task:update`.
         */
        post: operations["holdTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a held task go on
         * @description Of a task that is not held nothing changes.
         *
         *     Needs the permission `tasker.task:update`.
         */
        post: operations["resumeTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do part of an ended task again
         * @description As a new task linked to it; satisfied steps are taken over with their results. A new context, or new inputs, need `tasker.task:create` too. Sent twice it makes two tasks, and no idempotency key is kept for it: look for `rerun_of` in the list of tasks first, or send `if-match`, which is compared before it begins.
         *
         *     Needs the permission `tasker.task:retry`.
         */
        post: operations["rerunTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a step
         * @description And all that depends on it. Of a cancelled step nothing changes.
         *
         *     Needs the permission `tasker.workflow_step:cancel`.
         */
        post: operations["cancelWorkflowStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a step that failed for good more attempts
         * @description Now, and revives its task. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.workflow_step:retry`.
         */
        post: operations["retryWorkflowStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/retry_now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the retry that is to come come now
         * @description Whatever it waits for. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.workflow_step:retry`.
         */
        post: operations["retryWorkflowStepNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/wake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a step that waits for a time run now
         * @description One that asked to wait. Sent twice it may act twice, and no idempotency key is kept for it: send `if-match`, and the second one is refused.
         *
         *     Needs the permission `tasker.workflow_step:retry`.
         */
        post: operations["wakeWorkflowStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a step for done
         * @description With a result of yours, which its children get.
         *
         *     Needs the permission `tasker.workflow_step:update`.
         */
        post: operations["resolveWorkflowStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/workflow_steps/{step}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave a step out
         * @description What depends on it goes on, without a result of it.
         *
         *     Needs the permission `tasker.workflow_step:update`.
         */
        post: operations["skipWorkflowStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Act on all tasks that match
         * @description Of those that the caller may see, in batches, newest first; states default to those that the action is legal in. Needs the permission of the action on tasks too: `tasker.task:cancel`, `:retry` (retry, retry_now, wake) or `:update` (the others). A dry run makes every change and undoes it.
         *
         *     Needs the permission `tasker.task:index`.
         */
        post: operations["operateTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/prune": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove ended tasks for good
         * @description With their steps, results and history; and idempotency keys that have expired. In batches, each its own transaction. A caller who sees only some namespaces names one of them.
         *
         *     Needs the permission `tasker.task:destroy`.
         */
        post: operations["pruneTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/graphql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask with GraphQL, without changing anything
         * @description For queries and subscriptions; mutations are refused.
         */
        get: operations["graphqlOverGet"];
        put?: never;
        /**
         * Ask with GraphQL
         * @description The schema: docs/reference/schema.graphql. Each field has a permission of its own.
         */
        post: operations["graphql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/graphql/playground": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page on which queries can be written and sent
         * @description Where `server.graphql.playground` is on.
         */
        get: operations["graphqlPlayground"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what happens to all tasks
         * @description Needs the permission `tasker.task:index`.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what happens to one task
         * @description Needs the permission `tasker.task:show`.
         */
        get: operations["followTaskEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/handlers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List namespaces with the number of their handlers
         * @description Kept until a definition is stored, for about `cache.dashboardCacheTtl`.
         *
         *     Needs the permission `tasker.handler:index`.
         */
        get: operations["listNamespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/handlers/{namespace}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the handlers of a namespace
         * @description Needs the permission `tasker.handler:index`.
         */
        get: operations["listHandlersInNamespace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/handlers/{namespace}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one version of a handler with its steps
         * @description Kept until it is stored anew, for about `cache.dashboardCacheTtl`.
         *
         *     Needs the permission `tasker.handler:show`.
         */
        get: operations["getHandlerWithDependencies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/handlers/{namespace}/{name}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Draw a handler as a graph
         * @description As JSON, Mermaid, DOT or SVG. `durations`: default `none`; measured ones are the means of its newest complete tasks.
         *
         *     Needs the permission `tasker.task_diagram:index`.
         */
        get: operations["getHandlerGraph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/handlers/{namespace}/{name}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare two versions of a handler
         * @description Needs the permission `tasker.handler:show`.
         */
        get: operations["compareHandlerVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List namespaces and which are held
         * @description Needs the permission `tasker.namespace:index`.
         */
        get: operations["listNamespaceHolds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold a namespace
         * @description No step of it starts any more, in any worker, until it is resumed. What runs goes on, and tasks can still be created.
         *
         *     Needs the permission `tasker.namespace:update`.
         */
        post: operations["holdNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a namespace
         * @description Its steps start again.
         *
         *     Needs the permission `tasker.namespace:update`.
         */
        post: operations["resumeNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show who held and resumed a namespace, when and why
         * @description Needs the permission `tasker.namespace:index`.
         */
        get: operations["getNamespaceHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List workers
         * @description Needs the permission `tasker.worker:index`.
         */
        get: operations["listWorkers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process answers
         * @description Asks nothing of the database.
         */
        get: operations["checkLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process can do its work
         * @description The database answers, its schema is that of this version, and the cache keeps what it is given. All checks together take `health.readinessTimeoutSeconds` at most.
         */
        get: operations["checkReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the system fares as a whole
         * @description Tasks and steps by state, the last hour, connections and workers. Kept for `health.cacheDurationSeconds` at most, while the system is healthy. Costs what open tasks cost, however many are retained.
         *
         *     Needs the permission `tasker.health_status:index`.
         */
        get: operations["getHealthStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this process has done, or all together, and how they fare
         * @description The text format of Prometheus, or OpenMetrics for who accepts that before; JSON for who accepts `application/json` and neither. `format` names another: `csv`, `otlp`, or one that the application added. Values are of the process that answers, or of all that share theirs.
         *
         *     Needs the permission `tasker.metrics:index`.
         */
        get: operations["exportMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/analytics/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How tasks fare as a whole
         * @description What is under way, trends of the last hour, four hours and day, and percentiles of the last day. Kept for about 90 s.
         *
         *     Needs the permission `tasker.analytics:index`.
         */
        get: operations["getPerformanceAnalytics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/analytics/bottlenecks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What holds tasks up as a whole
         * @description Of the tasks created in the last `period` hours: the slowest, errors by class, what waits for what, percentiles, and what would help most. Kept for about `cache.dashboardCacheTtl`.
         *
         *     Needs the permission `tasker.analytics:index`.
         */
        get: operations["getBottleneckAnalysis"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who tried to change what, and what became of it
         * @description Needs the permission `tasker.audit:index`.
         */
        get: operations["listAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This documentation, as a page */
        get: operations["showApiDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-docs/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This documentation, as an OpenAPI document */
        get: operations["getApiDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-docs.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This documentation, as an OpenAPI document */
        get: operations["getApiDocumentShortly"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api-docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of the documentation page */
        get: operations["getApiDocsFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @example urn:tasker:error:TASK_NOT_FOUND */
            type: string;
            /**
             * @description The status in words.
             * @example Not Found
             */
            title: string;
            /** @example 404 */
            status: number;
            /** @description What happened, with the values. */
            detail: string;
            /**
             * @description Of the table of errors; it does not change.
             * @enum {string}
             */
            code: "CONFIG_INVALID" | "DATABASE_REQUIRED" | "DATABASE_UNREACHABLE" | "DATABASE_BUSY" | "DATABASE_READ_ONLY" | "DATABASE_DENIED" | "DATABASE_VERSION" | "SCHEMA_MISSING" | "SCHEMA_OUTDATED" | "SCHEMA_TOO_NEW" | "MIGRATION_BLOCKED" | "MIGRATION_CHANGED" | "WRONG_ISOLATION" | "DEFINITION_INVALID" | "DEFINITION_CONFLICT" | "DEFINITION_CHANGED" | "DEFINITION_NOT_FOUND" | "YAML_INVALID" | "REQUEST_INVALID" | "CONTEXT_INVALID" | "IDEMPOTENCY_CONFLICT" | "IDEMPOTENCY_KEY_BUSY" | "TASK_NOT_FOUND" | "STEP_NOT_FOUND" | "NAMESPACE_NOT_FOUND" | "MOVE_NOT_ALLOWED" | "REVISION_CONFLICT" | "WAIT_ENDED" | "RESULT_NOT_STORABLE" | "RESULT_INVALID" | "RESULT_TOO_LARGE" | "STEP_TIMEOUT" | "HANDLER_MISSING" | "TRANSACTION_UNAVAILABLE" | "TRANSACTION_OVER" | "TRANSACTION_ENDED_BY_HANDLER" | "HISTORY_CURSOR_INVALID" | "HISTORY_CURSOR_EXPIRED" | "CACHE_NOT_SHARED" | "LOGS_UNAVAILABLE" | "CACHE_MISCONFIGURED" | "CACHE_UNAVAILABLE" | "CACHE_TEXT_REFUSED" | "CACHE_TEXT_UNREADABLE" | "RECENT_UNAVAILABLE" | "METRICS_UNAVAILABLE" | "CACHE_CANNOT_LOCK" | "LOCK_LOST" | "EXPORTER_INVALID" | "EXPORTER_CONFLICT" | "EXPORT_UNSUPPORTED" | "EXPORT_FAILED" | "AUTH_MISCONFIGURED" | "UNAUTHENTICATED" | "FORBIDDEN" | "EXPOSED_WITHOUT_AUTHENTICATION" | "CROSS_SITE_REFUSED" | "AUTHENTICATION_UNAVAILABLE" | "API_TOKEN_NOT_FOUND" | "API_TOKEN_EXISTS" | "ROUTE_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "BODY_MALFORMED" | "BODY_TOO_LARGE" | "MEDIA_TYPE_UNSUPPORTED" | "GRAPHQL_INVALID" | "GRAPHQL_LIMIT_EXCEEDED" | "INTROSPECTION_DISABLED" | "RATE_LIMITED" | "SERVER_CANNOT_LISTEN" | "STREAMS_EXHAUSTED" | "TASKER_CLOSED" | "INTERNAL";
            /** @description What to do next. */
            remedy: string;
            /** @description The request, by its correlation id: what the logs of the server know it by. */
            instance: string;
            /** @description Every fault of the request, where there are such. */
            readonly faults?: {
                path: string;
                message: string;
            }[];
            /** @description Of a refused action: the state that it found, and what is possible in it. */
            conflict?: {
                status: string;
                readonly allowed: string[];
                /** @description Those that were named. */
                readonly steps: {
                    name: string;
                    status: string;
                    readonly allowed: string[];
                }[];
            };
        };
        TaskList: {
            tasks: components["schemas"]["TaskRow"][];
            page: components["schemas"]["Page"];
        };
        TaskRow: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /** @example process_order */
            name: string;
            /** @example payments */
            namespace: string;
            /** @example 1.2.0 */
            version: string;
            /** @example payments.process_order@1.2.0 */
            full_name: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            /** @description The status is complete. */
            complete: boolean;
            /**
             * @example normal
             * @enum {string}
             */
            priority: "critical" | "high" | "normal" | "low";
            /** @example ana */
            initiator: string;
            /** @example shop */
            source_system: string;
            /** @example order placed */
            reason: string;
            /**
             * @example [
             *       "web"
             *     ]
             */
            tags: string[];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            requested_at: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
            started_at: string | null;
            ended_at: string | null;
            deadline_at: string | null;
            /** @description An operator holds it: none of its steps start. */
            is_held: boolean;
            /** @description The ended task of which it does a part again. */
            rerun_of: string | null;
            /**
             * @description Another one as soon as anything has happened to the task but a claim. Send it as `if-match` with a change.
             * @example 3
             */
            revision: number;
        };
        Page: {
            /** @description Send as `cursor` for the next page; null on the last. */
            next_cursor: string | null;
            /** @description With `include=total`. */
            total?: {
                count: number;
                /** @description There are more, or may be. */
                is_capped: boolean;
            };
        };
        SparseTaskList: {
            tasks: components["schemas"]["SparseTask"][];
            page: components["schemas"]["Page"];
        };
        SparseTask: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /** @example process_order */
            name?: string;
            /** @example payments */
            namespace?: string;
            /** @example 1.2.0 */
            version?: string;
            /** @example payments.process_order@1.2.0 */
            full_name?: string;
            /** @enum {string} */
            status?: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            /** @description The status is complete. */
            complete?: boolean;
            /**
             * @example normal
             * @enum {string}
             */
            priority?: "critical" | "high" | "normal" | "low";
            /** @example ana */
            initiator?: string;
            /** @example shop */
            source_system?: string;
            /** @example order placed */
            reason?: string;
            /**
             * @example [
             *       "web"
             *     ]
             */
            tags?: string[];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            requested_at?: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at?: string;
            started_at?: string | null;
            ended_at?: string | null;
            deadline_at?: string | null;
            /** @description An operator holds it: none of its steps start. */
            is_held?: boolean;
            /** @description The ended task of which it does a part again. */
            rerun_of?: string | null;
            /**
             * @description Another one as soon as anything has happened to the task but a claim. Send it as `if-match` with a change.
             * @example 3
             */
            revision?: number;
            /**
             * @description Null for a caller without `tasker.task:show_payload`.
             * @example {
             *       "order_id": 7
             *     }
             */
            context?: {
                [key: string]: unknown;
            } | null;
            correlation_id?: string | null;
            execution?: components["schemas"]["TaskExecution"];
            /** @description In the order of declaration; null without `tasker.workflow_step:index`. */
            workflow_steps?: components["schemas"]["WorkflowStep"][] | null;
            /** @description Steps that count as satisfied without having run, from the start or since an operator skipped them. Null as workflow_steps. */
            bypass_steps?: string[] | null;
            task_annotations?: components["schemas"]["Annotation"][];
            /** @description Of satisfied steps, by name. Null for a caller without `tasker.workflow_step:show_payload`. */
            results?: {
                [key: string]: unknown;
            } | null;
            dependency_analysis?: components["schemas"]["DependencyAnalysis"];
        };
        TaskExecution: {
            /** @enum {string} */
            execution_status: "has_ready_steps" | "processing" | "blocked_by_failures" | "all_complete" | "waiting_for_dependencies";
            /** @enum {string} */
            health_status: "healthy" | "recovering" | "blocked";
            /** @enum {string} */
            recommended_action: "execute_ready_steps" | "wait_for_completion" | "handle_failures" | "finalize_task" | "wait_for_dependencies";
            completion_percentage: number;
            total_steps: number;
            pending_steps: number;
            in_progress_steps: number;
            completed_steps: number;
            failed_steps: number;
            cancelled_steps: number;
            ready_steps: number;
            permanently_blocked_steps: number;
            next_due_at: string | null;
        };
        WorkflowStep: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /**
             * @description Its number in its task, from 1: what addresses it, as its name does.
             * @example 1
             */
            workflow_step_id: number;
            /** @example charge */
            name: string;
            /**
             * @description The declared step it comes from: its own name, or that of the step that made it.
             * @example charge
             */
            handler: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
            attempts: number;
            /**
             * @description Attempts in all, the first included.
             * @example 3
             */
            retry_limit: number;
            retryable: boolean;
            skippable: boolean;
            /** @description It is satisfied: complete, resolved or skipped. */
            processed: boolean;
            processed_at: string | null;
            in_process: boolean;
            last_attempted_at: string | null;
            ended_at: string | null;
            /** @description From its last failure to the attempt that is to come; null: none is waited for. */
            backoff_request_seconds: number | null;
            next_retry_at: string | null;
            is_ready: boolean;
            /** @description Why it may not run now. */
            blocked_by: string | null;
            blocked_detail: string | null;
            dependencies_satisfied: boolean;
            retry_eligible: boolean;
            dependent_system: string;
            parents_ids: number[];
            children_ids: number[];
            /** @description Steps that wait for exactly the same ones; none of a root. */
            siblings_ids: number[];
            /** @description Settings beside the context. Null for a caller without `tasker.workflow_step:show_payload`. */
            inputs: unknown;
            /** @description What it returned. Null for a caller without `tasker.workflow_step:show_payload`. */
            results: unknown;
            /** @description Of the last failed attempt, until it is satisfied. Null for a caller without `tasker.workflow_step:show_payload`. */
            error: {
                [key: string]: unknown;
            } | null;
        };
        Annotation: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /** @example customer */
            annotation_type_name: string;
            /** @description Null for a caller without `tasker.task:show_payload`. */
            annotation: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
        };
        /** @description Graph, critical paths, parallelism, error chains, bottlenecks and their summary; when it could not be made, `error` instead. */
        DependencyAnalysis: {
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            analysis_timestamp: string;
        } & {
            [key: string]: unknown;
        };
        NewTask: {
            /** @example process_order */
            name: string;
            /**
             * @description Default `default`.
             * @example payments
             */
            namespace?: string;
            /** @description Default: the newest one. */
            version?: string;
            /**
             * @example {
             *       "order_id": 7
             *     }
             */
            context: {
                [key: string]: unknown;
            };
            /** @description The caller, where callers are known: nobody else can be named. */
            initiator?: string;
            source_system?: string;
            reason?: string;
            tags?: string[];
            /**
             * @description Default: that of the definition.
             * @example normal
             * @enum {string}
             */
            priority?: "critical" | "high" | "normal" | "low";
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            requested_at?: string;
            /** @description From its creation, after which it ends in error. Default: of the definition. */
            deadline_ms?: number;
            /** @description Steps that count as satisfied without running; each must be skippable. */
            bypass_steps?: string[];
        };
        TaskBody: {
            task: components["schemas"]["Task"];
        };
        Task: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /** @example process_order */
            name: string;
            /** @example payments */
            namespace: string;
            /** @example 1.2.0 */
            version: string;
            /** @example payments.process_order@1.2.0 */
            full_name: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            /** @description The status is complete. */
            complete: boolean;
            /**
             * @example normal
             * @enum {string}
             */
            priority: "critical" | "high" | "normal" | "low";
            /** @example ana */
            initiator: string;
            /** @example shop */
            source_system: string;
            /** @example order placed */
            reason: string;
            /**
             * @example [
             *       "web"
             *     ]
             */
            tags: string[];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            requested_at: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
            started_at: string | null;
            ended_at: string | null;
            deadline_at: string | null;
            /** @description An operator holds it: none of its steps start. */
            is_held: boolean;
            /** @description The ended task of which it does a part again. */
            rerun_of: string | null;
            /**
             * @description Another one as soon as anything has happened to the task but a claim. Send it as `if-match` with a change.
             * @example 3
             */
            revision: number;
            /**
             * @description Null for a caller without `tasker.task:show_payload`.
             * @example {
             *       "order_id": 7
             *     }
             */
            context: {
                [key: string]: unknown;
            } | null;
            correlation_id: string | null;
            execution: components["schemas"]["TaskExecution"];
            /** @description In the order of declaration; null without `tasker.workflow_step:index`. */
            workflow_steps: components["schemas"]["WorkflowStep"][] | null;
            /** @description Steps that count as satisfied without having run, from the start or since an operator skipped them. Null as workflow_steps. */
            bypass_steps: string[] | null;
            task_annotations: components["schemas"]["Annotation"][];
            /** @description Of satisfied steps, by name. Null for a caller without `tasker.workflow_step:show_payload`. */
            results?: {
                [key: string]: unknown;
            } | null;
            dependency_analysis?: components["schemas"]["DependencyAnalysis"];
        };
        NewTasks: {
            tasks: components["schemas"]["NewTaskOfMany"][];
        };
        NewTaskOfMany: {
            /** @example process_order */
            name: string;
            /**
             * @description Default `default`.
             * @example payments
             */
            namespace?: string;
            /** @description Default: the newest one. */
            version?: string;
            /**
             * @example {
             *       "order_id": 7
             *     }
             */
            context: {
                [key: string]: unknown;
            };
            /** @description The caller, where callers are known: nobody else can be named. */
            initiator?: string;
            source_system?: string;
            reason?: string;
            tags?: string[];
            /**
             * @description Default: that of the definition.
             * @example normal
             * @enum {string}
             */
            priority?: "critical" | "high" | "normal" | "low";
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            requested_at?: string;
            /** @description From its creation, after which it ends in error. Default: of the definition. */
            deadline_ms?: number;
            /** @description Steps that count as satisfied without running; each must be skippable. */
            bypass_steps?: string[];
            idempotency_key?: string;
        };
        CreatedTasks: {
            /** @description In the order of the request. */
            tasks: components["schemas"]["TaskRow"][];
            /** @description Those that earlier requests with the same keys made. */
            replayed_task_ids: string[];
        };
        SparseTaskBody: {
            task: components["schemas"]["SparseTask"];
        };
        /**
         * @example {
         *       "tags": [
         *         "vip"
         *       ],
         *       "reason": "asked by phone"
         *     }
         */
        TaskChange: {
            reason?: string;
            tags?: string[];
            /**
             * @description Of a task that may go on.
             * @example normal
             * @enum {string}
             */
            priority?: "critical" | "high" | "normal" | "low";
            /** @description Why it is changed, for the history. */
            why?: string;
        };
        Cancelled: {
            operation: components["schemas"]["OperationDone"];
            /** @constant */
            cancelled: true;
        };
        OperationDone: {
            /** @example hold */
            action: string;
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /** @enum {string} */
            from_status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            is_held: boolean;
            /** @description False: it was so already. */
            is_changed: boolean;
            /** @description Of the task, after it. */
            revision: number;
            /** @description Steps that moved. A whole task names none of its own. */
            steps: {
                workflow_step_id: number;
                name: string;
                /** @enum {string} */
                from_status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
                /** @enum {string} */
                status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
                /**
                 * @description It was named; it depends on one that was cancelled; or its last parent was satisfied.
                 * @enum {string}
                 */
                cause: "asked" | "descent" | "release";
            }[];
            undo: components["schemas"]["Undo"];
        };
        Undo: {
            /** @description What can be done, and what cannot. */
            explanation: string;
            /** @description What does it; null: nothing does. */
            request: components["schemas"]["RequestToSend"] | null;
        };
        RequestToSend: {
            /** @enum {string} */
            method: "POST" | "PATCH";
            /** @example /tasker/tasks/0198f3f0-7c1e-7000-8000-0123456789ab/resume */
            path: string;
            body: {
                [key: string]: unknown;
            } | null;
        };
        TaskHistory: {
            history: components["schemas"]["HistoryEntry"][];
            page: components["schemas"]["Page"];
        };
        HistoryEntry: {
            /** @description Orders the history. A claim has that of the last entry its worker had seen. */
            seq: number;
            /** @description Null: an entry of the task itself. */
            step: string | null;
            claim_no: number | null;
            from_status: string | null;
            to_status: string;
            attempt: number | null;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            at: string;
            /** @example ana */
            actor: string;
            reason: string | null;
            /** @description What was recorded beside it, errors included. Null for a caller without `tasker.workflow_step:show_payload`. Of the task itself: `tasker.task:show_payload`. */
            metadata: {
                [key: string]: unknown;
            } | null;
        };
        TimelineBody: {
            timeline: components["schemas"]["Timeline"];
        };
        Timeline: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            namespace: string;
            name: string;
            version: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
            ended_at: string | null;
            entries: {
                /** @description Orders the history. A claim has that of the last entry its worker had seen. */
                seq: number;
                /** @description Null: an entry of the task itself. */
                step: string | null;
                claim_no: number | null;
                from_status: string | null;
                to_status: string;
                attempt: number | null;
                /**
                 * Format: date-time
                 * @description UTC, with milliseconds.
                 * @example 2026-11-21T10:30:00.000Z
                 */
                at: string;
                /** @example will_retry */
                kind: string;
                who: {
                    /** @enum {string} */
                    kind: "worker" | "rescue" | "tasker" | "person";
                    name: string;
                    host: string | null;
                    pid: number | null;
                };
                why: string | null;
                error: components["schemas"]["ErrorBrief"];
                due_at: string | null;
                took: {
                    blocked_ms?: number;
                    waited_ms?: number;
                    ran_ms?: number;
                    lost_ms?: number;
                    backed_off_ms?: number;
                    paused_ms?: number;
                    stopped_ms?: number;
                };
                /** @description What was recorded beside it, errors included. Null for a caller without `tasker.workflow_step:show_payload`. Of the task itself: `tasker.task:show_payload`. */
                metadata: {
                    [key: string]: unknown;
                } | null;
            }[];
            steps: {
                name: string;
                /** @enum {string} */
                status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
                claims: number;
                blocked_ms: number;
                waited_ms: number;
                ran_ms: number;
                lost_ms: number;
                backed_off_ms: number;
                paused_ms: number;
                stopped_ms: number;
                total_ms: number;
            }[];
            /**
             * Format: date-time
             * @description What has not ended is counted until then.
             * @example 2026-11-21T10:30:00.000Z
             */
            at: string;
        };
        /** @description Null for a caller without `tasker.workflow_step:show_payload`. */
        ErrorBrief: {
            /** @example PermanentError */
            class: string;
            message: string;
            code: string | null;
            cause?: {
                /** @example PermanentError */
                class: string;
                message: string;
                code: string | null;
            };
        } | null;
        WhyBody: {
            why: components["schemas"]["WhyReport"];
        };
        WhyReport: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            namespace: string;
            name: string;
            version: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            summary: string;
            /** @description The worst step that waits for no other. */
            root_cause: string | null;
            remedies: components["schemas"]["Remedy"][];
            end: {
                /** @enum {string} */
                status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
                /**
                 * Format: date-time
                 * @description UTC, with milliseconds.
                 * @example 2026-11-21T10:30:00.000Z
                 */
                at: string;
                /** @enum {string} */
                cause: "complete" | "failed" | "deadline" | "cancelled" | "resolved";
                by: string | null;
                why: string | null;
                failed_steps: {
                    step: string;
                    error: components["schemas"]["ErrorBrief"];
                }[];
            } | null;
            deadline_at: string | null;
            total_steps: number;
            done_steps: number;
            counts: {
                [key: string]: number;
            };
            /** @description Those that are not done. */
            steps: components["schemas"]["StepReason"][];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            at: string;
        };
        Remedy: {
            /** @example tries it again */
            effect: string;
            /** @example tasker task retry <id> --step charge */
            command: string;
            /** @description The same as a request; null: no request does it. What is left to choose stands in <…>. */
            request: components["schemas"]["RequestToSend"] | null;
        };
        StepReason: {
            step: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
            /** @example exhausted */
            reason: string;
            /** @description Read behind the name of the step. */
            explanation: string;
            since: string | null;
            /** @description What will happen by itself. */
            next: string;
            next_at: string | null;
            /** @description What is known about this reason. */
            details: {
                [key: string]: unknown;
            };
            remedies: components["schemas"]["Remedy"][];
        };
        StepGraphBody: {
            graph: components["schemas"]["StepGraph"];
        };
        StepGraph: {
            namespace: string;
            name: string;
            version: string;
            task_id: string | null;
            state: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually") | null;
            /** @enum {string} */
            durations: "measured" | "recorded" | "none";
            nodes: {
                name: string;
                level: number;
                parents: string[];
                state: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped") | null;
                attempts: number | null;
                retry_limit: number;
                duration_ms: number | null;
                is_on_critical_path: boolean;
            }[];
            edges: {
                from: string;
                to: string;
                is_on_critical_path: boolean;
            }[];
            levels: string[][];
            critical_path: {
                steps: string[];
                total_ms: number;
            } | null;
        };
        DependencyAnalysisBody: {
            dependency_analysis: components["schemas"]["DependencyAnalysis"];
        };
        Annotations: {
            annotations: components["schemas"]["Annotation"][];
        };
        NewAnnotation: {
            /** @example customer */
            annotation_type_name: string;
            /**
             * @example {
             *       "id": 7
             *     }
             */
            annotation: {
                [key: string]: unknown;
            };
            /**
             * @description Why, for the history.
             * @example the gateway is back
             */
            reason?: string;
        };
        WorkflowStepList: {
            steps: components["schemas"]["WorkflowStepRow"][];
            page: components["schemas"]["Page"];
        };
        WorkflowStepRow: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /**
             * @description Its number in its task, from 1: what addresses it, as its name does.
             * @example 1
             */
            workflow_step_id: number;
            /** @example charge */
            name: string;
            /**
             * @description The declared step it comes from: its own name, or that of the step that made it.
             * @example charge
             */
            handler: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
            attempts: number;
            /**
             * @description Attempts in all, the first included.
             * @example 3
             */
            retry_limit: number;
            retryable: boolean;
            skippable: boolean;
            /** @description It is satisfied: complete, resolved or skipped. */
            processed: boolean;
            processed_at: string | null;
            in_process: boolean;
            last_attempted_at: string | null;
            ended_at: string | null;
            /** @description From its last failure to the attempt that is to come; null: none is waited for. */
            backoff_request_seconds: number | null;
            next_retry_at: string | null;
            is_ready: boolean;
            /** @description Why it may not run now. */
            blocked_by: string | null;
            blocked_detail: string | null;
            dependencies_satisfied: boolean;
            retry_eligible: boolean;
            dependent_system: string;
            parents_ids: number[];
            children_ids: number[];
            /** @description Steps that wait for exactly the same ones; none of a root. */
            siblings_ids: number[];
        };
        SparseWorkflowStepList: {
            steps: components["schemas"]["SparseWorkflowStep"][];
            page: components["schemas"]["Page"];
        };
        SparseWorkflowStep: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            /**
             * @description Its number in its task, from 1: what addresses it, as its name does.
             * @example 1
             */
            workflow_step_id: number;
            /** @example charge */
            name?: string;
            /**
             * @description The declared step it comes from: its own name, or that of the step that made it.
             * @example charge
             */
            handler?: string;
            /** @enum {string} */
            status?: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
            attempts?: number;
            /**
             * @description Attempts in all, the first included.
             * @example 3
             */
            retry_limit?: number;
            retryable?: boolean;
            skippable?: boolean;
            /** @description It is satisfied: complete, resolved or skipped. */
            processed?: boolean;
            processed_at?: string | null;
            in_process?: boolean;
            last_attempted_at?: string | null;
            ended_at?: string | null;
            /** @description From its last failure to the attempt that is to come; null: none is waited for. */
            backoff_request_seconds?: number | null;
            next_retry_at?: string | null;
            is_ready?: boolean;
            /** @description Why it may not run now. */
            blocked_by?: string | null;
            blocked_detail?: string | null;
            dependencies_satisfied?: boolean;
            retry_eligible?: boolean;
            dependent_system?: string;
            parents_ids?: number[];
            children_ids?: number[];
            /** @description Steps that wait for exactly the same ones; none of a root. */
            siblings_ids?: number[];
            /** @description Settings beside the context. Null for a caller without `tasker.workflow_step:show_payload`. */
            inputs?: unknown;
            /** @description What it returned. Null for a caller without `tasker.workflow_step:show_payload`. */
            results?: unknown;
            /** @description Of the last failed attempt, until it is satisfied. Null for a caller without `tasker.workflow_step:show_payload`. */
            error?: {
                [key: string]: unknown;
            } | null;
        };
        WorkflowStepBody: {
            step: components["schemas"]["WorkflowStep"];
        };
        SparseWorkflowStepBody: {
            step: components["schemas"]["SparseWorkflowStep"];
        };
        /**
         * @example {
         *       "retry_limit": 5,
         *       "reason": "the gateway is slow"
         *     }
         */
        WorkflowStepChange: {
            /** @description Attempts in all; not fewer than the step has spent. */
            retry_limit?: number;
            /** @description Settings of the step beside the context, as long as it has not started. */
            inputs?: unknown;
            /**
             * @description Why, for the history.
             * @example the gateway is back
             */
            reason?: string;
        };
        OperationBody: {
            operation: components["schemas"]["OperationDone"];
        };
        RerunBody: {
            rerun: components["schemas"]["Rerun"];
        };
        Rerun: {
            /** @description The new task; null on a dry run. */
            task_id: string | null;
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            rerun_of: string;
            dry_run: boolean;
            steps: {
                name: string;
                /** @description False: its result is taken over. */
                runs: boolean;
                /** @enum {string} */
                was: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped";
            }[];
            undo: components["schemas"]["Undo"];
        };
        /**
         * @example {
         *       "action": "retry",
         *       "filter": {
         *         "namespace": [
         *           "payments"
         *         ],
         *         "status": [
         *           "error"
         *         ]
         *       },
         *       "dry_run": true
         *     }
         */
        BulkAction: {
            /** @enum {string} */
            action: "cancel" | "retry" | "retry_now" | "wake" | "resolve" | "skip" | "set_retry_limit" | "hold" | "resume";
            filter: components["schemas"]["TaskFilter"];
            /** @default false */
            dry_run: boolean;
            /**
             * @description Tasks at most.
             * @default 1000
             */
            limit: number;
            /**
             * Format: uuid
             * @description `next_cursor` of a report: goes on there.
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            cursor?: string;
            /** @description Names of steps. Needed to skip and to set the limit. */
            step?: string | string[];
            /** @description To retry. */
            attempts?: number;
            /** @description To resolve steps. */
            result?: unknown;
            /** @description To set the limit. */
            retry_limit?: number;
            /**
             * @description Why, for the history.
             * @example the gateway is back
             */
            reason?: string;
        };
        /**
         * @example {
         *       "namespace": [
         *         "payments"
         *       ],
         *       "status": [
         *         "error"
         *       ]
         *     }
         */
        TaskFilter: {
            status?: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually")[];
            namespace?: string[];
            name?: string;
            version?: string;
            /**
             * @example normal
             * @enum {string}
             */
            priority?: "critical" | "high" | "normal" | "low";
            initiator?: string;
            source_system?: string;
            tags?: string[];
            held?: boolean;
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            rerun_of?: string;
            context_contains?: {
                [key: string]: unknown;
            };
            annotation_type?: string;
            annotation_contains?: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_from?: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_before?: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            ended_from?: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            ended_before?: string;
        };
        BulkReportBody: {
            report: components["schemas"]["BulkReport"];
        };
        BulkReport: {
            /** @enum {string} */
            action: "cancel" | "retry" | "retry_now" | "wake" | "resolve" | "skip" | "set_retry_limit" | "hold" | "resume";
            dry_run: boolean;
            /** @description Tasks looked at. */
            matched: number;
            changed: number;
            /** @description Tasks in which there was nothing to do. */
            unchanged: number;
            /** @description Tasks that the action is not legal for. */
            refused: number;
            /** @description False: it ended at `limit`, or early. */
            is_complete: boolean;
            /** @description Send as `cursor` to go on; null: it is complete, or ended before it began. */
            next_cursor: string | null;
            /** @description The database refused a batch; what the batches before did stays done. */
            has_failed: boolean;
            /** @description The first 100. */
            changed_tasks: components["schemas"]["OperationDone"][];
            /** @description The first 100. */
            refused_tasks: {
                /**
                 * Format: uuid
                 * @example 0198f3f0-7c1e-7000-8000-0123456789ab
                 */
                task_id: string;
                why: string;
            }[];
        };
        PruneOrder: {
            /**
             * @description Only tasks that ended longer ago than this.
             * @example 2592000000
             */
            older_than_ms: number;
            /** @description Default: all but error. */
            status?: ("complete" | "cancelled" | "resolved_manually" | "error")[];
            namespace?: string;
            /**
             * @description Tasks at most.
             * @default 10000
             */
            limit: number;
            /**
             * @description Count, and remove nothing.
             * @default false
             */
            dry_run: boolean;
        };
        PruneReportBody: {
            report: components["schemas"]["PruneReport"];
        };
        PruneReport: {
            dry_run: boolean;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            ended_before: string;
            task_count: number;
            /** @description Held by another call, and left for the next one. */
            busy_count: number;
            /** @description Of the rows, roughly. */
            bytes: number;
            groups: {
                namespace: string;
                name: string;
                version: string;
                /** @enum {string} */
                status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
                count: number;
            }[];
            /** @description Idempotency keys that had expired. */
            key_count: number;
            /** @description Rows of workers that were gone for a day. */
            worker_count: number;
            /** @description False: it ended at `limit`; there may be more. */
            is_complete: boolean;
        };
        GraphqlRequest: {
            /**
             * @description The document.
             * @example { tasks { nodes { taskId } } }
             */
            query: string;
            /** @description Which operation of the document, where it has more than one. */
            operationName?: string | null;
            variables?: {
                [key: string]: unknown;
            } | null;
            /** @description Passed by. */
            extensions?: {
                [key: string]: unknown;
            } | null;
        };
        GraphqlAnswer: {
            data?: unknown;
            errors?: unknown[];
            extensions?: unknown;
        };
        Event: {
            /** @example step.completed */
            event: string;
            event_id: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            at: string;
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            namespace: string;
            task_name: string;
            version: string;
            correlation_id: string;
        } & {
            [key: string]: unknown;
        };
        HandlerNamespaces: {
            namespaces: {
                name: string;
                description: string;
                /** @description Names of tasks, whatever their versions. */
                handler_count: number;
                version_count: number;
            }[];
            total_namespaces: number;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            /** @description It was made for an earlier request. */
            cached: boolean;
            /** @description Its time is over, and a new one is being made. */
            stale: boolean;
            /**
             * Format: date-time
             * @description When it is made anew, if somebody asks.
             * @example 2026-11-21T10:30:00.000Z
             */
            expires_at: string;
        };
        HandlerList: {
            namespace: string;
            handlers: components["schemas"]["Definition"][];
            total_handlers: number;
        };
        Definition: {
            namespace: string;
            name: string;
            description: string;
            latest_version: string;
            /** @description Oldest first. */
            versions: components["schemas"]["DefinitionVersion"][];
        };
        DefinitionVersion: {
            version: string;
            /** @description Of its contents. */
            digest: string;
            is_latest: boolean;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
            last_used_at: string | null;
            pending_tasks: number;
            in_progress_tasks: number;
            held_tasks: number;
            due_steps: number;
            later_steps: number;
            /** @description That serve it, in all processes. */
            live_workers: number;
            /** @description It has open tasks, and no live worker. */
            is_unserved: boolean;
        };
        HandlerBody: {
            handler: components["schemas"]["Handler"];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            /** @description It was made for an earlier request. */
            cached: boolean;
            /** @description Its time is over, and a new one is being made. */
            stale: boolean;
            /**
             * Format: date-time
             * @description When it is made anew, if somebody asks.
             * @example 2026-11-21T10:30:00.000Z
             */
            expires_at: string;
        };
        Handler: {
            namespace: string;
            name: string;
            version: string;
            /** @example payments.process_order@2.1.0 */
            full_name: string;
            description: string;
            digest: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            created_at: string;
            is_latest: boolean;
            /** @description All that are stored, oldest first. */
            versions: string[];
            /** @enum {string} */
            priority: "critical" | "high" | "normal" | "low";
            max_execution_ms: number | null;
            /** @description JSON Schema; null: any object, or a schema that has no such form. */
            context_schema: {
                [key: string]: unknown;
            } | null;
            has_context_schema: boolean;
            annotates: boolean;
            step_templates: components["schemas"]["StepTemplate"][];
            dependency_graph: {
                nodes: {
                    id: string;
                    name: string;
                    /** @constant */
                    type: "step";
                    level: number;
                }[];
                edges: {
                    from: string;
                    to: string;
                    /** @constant */
                    type: "dependency";
                }[];
                /** @description Parents before children. */
                execution_order: string[];
            };
        };
        StepTemplate: {
            step_no: number;
            name: string;
            description: string;
            dependent_system: string;
            depends_on_steps: string[];
            handler: string;
            /** @description Of the handler: all keys, and those values that hold no secret. */
            configuration: {
                [key: string]: unknown;
            } | null;
            default_retryable: boolean;
            default_retry_limit: number;
            skippable: boolean;
            timeout_ms: number | null;
            priority: ("critical" | "high" | "normal" | "low") | null;
            transaction: boolean;
            custom_events: string[];
        };
        DefinitionDiffBody: {
            diff: components["schemas"]["DefinitionDiff"];
        };
        DefinitionDiff: {
            from: string;
            to: string;
            is_compatible: boolean;
            graph: {
                steps_added: string[];
                steps_removed: string[];
                edges_added: {
                    from: string;
                    to: string;
                }[];
                edges_removed: {
                    from: string;
                    to: string;
                }[];
                levels_changed: {
                    step: string;
                    from: number;
                    to: number;
                }[];
            };
            differences: {
                /** @enum {string} */
                kind: "step_added" | "step_removed" | "edge_added" | "edge_removed" | "setting_changed";
                step: string | null;
                what: string;
                /** @description Any JSON. */
                from: unknown;
                /** @description Any JSON. */
                to: unknown;
                is_compatible: boolean;
                why: string;
            }[];
        };
        NamespaceList: {
            namespaces: components["schemas"]["Namespace"][];
        };
        Namespace: {
            name: string;
            description: string;
            /** @description None of its steps start. */
            is_held: boolean;
            held_at: string | null;
            held_by: string | null;
            held_reason: string | null;
        };
        NamespaceOrder: {
            /** @description For the history. */
            reason?: string;
        };
        NamespaceChanged: {
            namespace: components["schemas"]["Namespace"];
            /** @description False: it was so already. */
            changed: boolean;
        };
        NamespaceHistory: {
            changes: {
                /** @enum {string} */
                to: "held" | "running";
                actor: string;
                reason: string;
                /**
                 * Format: date-time
                 * @description UTC, with milliseconds.
                 * @example 2026-11-21T10:30:00.000Z
                 */
                at: string;
            }[];
        };
        WorkerList: {
            workers: components["schemas"]["Worker"][];
        };
        Worker: {
            worker_id: number;
            /**
             * @description `overdue`: its lease is over, and no other has taken its steps over yet.
             * @enum {string}
             */
            state: "live" | "overdue" | "stopped" | "lost";
            host: string;
            pid: number;
            version: string;
            /** @description Steps it may run at once, as of its last heartbeat. */
            slots: number;
            slots_max: number | null;
            slots_in_use: number | null;
            /** @description What held `slots` below `slots_max`; null: nothing. */
            slots_reason: string | null;
            /** @description Versions of definitions that it serves. */
            serves_count: number;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            seen_at: string;
        };
        Liveness: {
            /** @constant */
            alive: true;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            timestamp: string;
            /** @example tasker */
            service: string;
        };
        Readiness: {
            ready: boolean;
            message: string;
            checks: {
                database: components["schemas"]["HealthCheck"];
                migrations: components["schemas"]["HealthCheck"];
                cache: components["schemas"]["CacheHealthCheck"];
            };
            failed_checks: ("database" | "migrations" | "cache")[];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            timestamp: string;
            check_duration_ms: number;
        };
        HealthCheck: {
            /** @enum {string} */
            status: "healthy" | "unhealthy";
            response_time_ms: number;
            /** @description A code of the table of errors, `TIMED_OUT` or `CACHE_FORGOT`; the log has more. */
            error: string | null;
        };
        CacheHealthCheck: {
            /** @enum {string} */
            status: "healthy" | "unhealthy";
            response_time_ms: number;
            /** @description A code of the table of errors, `TIMED_OUT` or `CACHE_FORGOT`; the log has more. */
            error: string | null;
            /** @description The class of the store, or `Unknown`. */
            cache_store: string;
            /**
             * @description `distributed_atomic`: one store for all processes, which counts and locks. `distributed_basic`: one for all; the database locks. `local_only`: each process has its own.
             * @enum {string}
             */
            coordination_strategy: "distributed_atomic" | "distributed_basic" | "local_only";
            distributed: boolean;
            atomic_operations: boolean;
            locking_support: boolean;
        };
        SystemStatus: {
            healthy: boolean;
            /** @enum {string} */
            status: "healthy" | "unhealthy";
            /** @description `connections`: more than 90 % of the server’s are active. `task_errors`: more than half of the tasks of the last hour are in error. `workers`: there are open tasks, and no live worker. */
            failed_checks: ("connections" | "task_errors" | "workers")[];
            metrics: {
                tasks: {
                    total: number;
                    pending: number;
                    in_progress: number;
                    complete: number;
                    error: number;
                    cancelled: number;
                    resolved_manually: number;
                };
                steps: {
                    total: number;
                    pending: number;
                    in_progress: number;
                    complete: number;
                    error: number;
                    cancelled: number;
                    resolved_manually: number;
                    skipped: number;
                };
                retries: {
                    retryable_errors: number;
                    exhausted_retries: number;
                    in_backoff: number;
                };
            };
            /** @description Of the tasks that were created in it. */
            last_hour: {
                /**
                 * Format: date-time
                 * @description UTC, with milliseconds.
                 * @example 2026-11-21T10:30:00.000Z
                 */
                since: string;
                tasks: number;
                complete_tasks: number;
                error_tasks: number;
                completion_rate: number;
                error_rate: number;
                steps: number;
                avg_task_duration_ms: number | null;
                avg_step_duration_ms: number | null;
            };
            database: {
                active_connections: number;
                max_connections: number;
                /** @description Per cent. */
                connection_utilization: number;
                /** @description Of this process. */
                pool: {
                    size: number;
                    lent: number;
                    waiting: number;
                };
            };
            workers: {
                live: number;
                overdue: number;
                slots: number;
                slots_in_use: number;
            };
            generation_duration_ms: number;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            /** @description It was made for an earlier request. */
            cached: boolean;
            /** @description Its time is over, and a new one is being made. */
            stale: boolean;
            /**
             * Format: date-time
             * @description When it is made anew, if somebody asks.
             * @example 2026-11-21T10:30:00.000Z
             */
            expires_at: string;
        };
        Metrics: {
            metrics: components["schemas"]["MetricFamily"][];
        };
        MetricFamily: {
            /** @example tasker_task_completed_total */
            name: string;
            help: string;
            /** @enum {string} */
            type: "counter" | "gauge" | "histogram" | "summary";
            values: {
                /** @description Of a histogram, with `_bucket`, `_sum` or `_count`. */
                name: string;
                labels: {
                    [key: string]: string;
                };
                value: number;
            }[];
        };
        PerformanceReport: {
            /** @description What was asked for; null: all. */
            scope: {
                namespace: string | null;
                name: string | null;
                version: string | null;
            };
            system_overview: {
                active_tasks: number;
                total_namespaces: number;
                unique_task_types: number;
                system_health_score: number;
            };
            performance_trends: {
                last_hour: components["schemas"]["PerformanceTrend"];
                last_4_hours: components["schemas"]["PerformanceTrend"];
                last_24_hours: components["schemas"]["PerformanceTrend"];
            };
            performance_distribution: components["schemas"]["PerformanceDistribution"];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            /** @description It was made for an earlier request. */
            cached: boolean;
            /** @description Its time is over, and a new one is being made. */
            stale: boolean;
            /**
             * Format: date-time
             * @description When it is made anew, if somebody asks.
             * @example 2026-11-21T10:30:00.000Z
             */
            expires_at: string;
        };
        PerformanceTrend: {
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            since: string;
            task_throughput: number;
            step_throughput: number;
            completion_rate: number;
            error_rate: number;
            avg_task_duration_ms: number | null;
            avg_step_duration_ms: number | null;
            avg_step_wait_ms: number | null;
        };
        PerformanceDistribution: {
            tasks: components["schemas"]["DurationDistribution"];
            steps: components["schemas"]["DurationDistribution"];
            tasks_in_window: number;
            tasks_read: number;
            /** @description False: of a sample of the ended tasks. */
            is_exact: boolean;
        };
        DurationDistribution: {
            count: number;
            p50_ms: number | null;
            p95_ms: number | null;
            p99_ms: number | null;
            max_ms: number | null;
            buckets: {
                /** @example 1-10 s */
                range: string;
                from_ms: number;
                to_ms: number | null;
                count: number;
            }[];
        };
        BottleneckReport: {
            /** @description What was asked for; null: all. */
            scope: {
                namespace: string | null;
                name: string | null;
                version: string | null;
            };
            analysis_period_hours: number;
            scope_summary: {
                total_tasks: number;
                unique_task_types: number;
                /**
                 * Format: date-time
                 * @description UTC, with milliseconds.
                 * @example 2026-11-21T10:30:00.000Z
                 */
                since: string;
                time_span_hours: number;
            };
            bottleneck_analysis: {
                slowest_tasks: {
                    /**
                     * Format: uuid
                     * @example 0198f3f0-7c1e-7000-8000-0123456789ab
                     */
                    task_id: string;
                    namespace: string;
                    name: string;
                    version: string;
                    state: string;
                    duration_ms: number;
                    step_count: number;
                    completed_steps: number;
                    error_steps: number;
                    /**
                     * Format: date-time
                     * @description UTC, with milliseconds.
                     * @example 2026-11-21T10:30:00.000Z
                     */
                    created_at: string;
                    /**
                     * Format: date-time
                     * @description UTC, with milliseconds.
                     * @example 2026-11-21T10:30:00.000Z
                     */
                    ended_at: string;
                    initiator: string;
                    source_system: string;
                }[];
                slowest_steps: {
                    /**
                     * Format: uuid
                     * @example 0198f3f0-7c1e-7000-8000-0123456789ab
                     */
                    task_id: string;
                    step: string;
                    namespace: string;
                    name: string;
                    version: string;
                    duration_ms: number;
                    total_ms: number;
                    attempts: number;
                    is_retryable: boolean;
                    /**
                     * Format: date-time
                     * @description UTC, with milliseconds.
                     * @example 2026-11-21T10:30:00.000Z
                     */
                    created_at: string;
                    /**
                     * Format: date-time
                     * @description UTC, with milliseconds.
                     * @example 2026-11-21T10:30:00.000Z
                     */
                    ended_at: string;
                }[];
                error_patterns: {
                    total_errors: number;
                    recent_error_rate: number;
                    common_error_types: {
                        error_class: string;
                        code: string | null;
                        attempts: number;
                        retried: number;
                        tasks: number;
                        step: string;
                        of: {
                            namespace: string;
                            name: string;
                            version: string;
                        };
                    }[];
                    retried_steps: number;
                    retry_success_rate: number | null;
                    tasks_read: number;
                    is_exact: boolean;
                };
                dependency_bottlenecks: {
                    open_tasks: number;
                    waiting_steps: number;
                    blocking_dependencies: number;
                    avg_wait_time_ms: number | null;
                    most_blocked_steps: components["schemas"]["StandingStep"][];
                    most_blocking_steps: components["schemas"]["StandingStep"][];
                    is_exact: boolean;
                };
            };
            performance_distribution: components["schemas"]["PerformanceDistribution"];
            recommendations: {
                /** @enum {string} */
                kind: "slow_step" | "error" | "blocking_step";
                of: {
                    namespace: string;
                    name: string;
                    version: string;
                };
                step: string;
                text: string;
                gain_ms: number | null;
            }[];
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            /** @description It was made for an earlier request. */
            cached: boolean;
            /** @description Its time is over, and a new one is being made. */
            stale: boolean;
            /**
             * Format: date-time
             * @description When it is made anew, if somebody asks.
             * @example 2026-11-21T10:30:00.000Z
             */
            expires_at: string;
        };
        StandingStep: {
            namespace: string;
            name: string;
            version: string;
            step: string;
            waiting: number;
            waiting_ms: number | null;
            holding: number;
            steps_held_up: number;
            holding_ms: number | null;
        };
        AuditList: {
            entries: components["schemas"]["AuditEntry"][];
            page: components["schemas"]["Page"];
        };
        AuditEntry: {
            /** @example 4711 */
            audit_id: string;
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            at: string;
            /** @description Null while it is under way, or when its process died in it. */
            ended_at: string | null;
            actor: string;
            /** @example cancelTask */
            operation: string;
            permission: string | null;
            /** @example rest */
            transport: string;
            task_id: string | null;
            /** @description What else says which things were meant. */
            addressed: {
                [key: string]: unknown;
            };
            reason: string | null;
            correlation_id: string | null;
            /** @description Of the caller. */
            address: string | null;
            /** @description `denied`: not allowed. `refused`: not possible as things stood. `failed`: the fault of the server, so it may have been done. */
            outcome: ("done" | "denied" | "refused" | "failed") | null;
            /** @description Of the error. */
            code: string | null;
            /** @description States, limits and tags of what was addressed; never contexts or results. */
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listTasks: {
        parameters: {
            query?: {
                status?: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually")[];
                /** @description One of these. */
                namespace?: string[];
                name?: string;
                version?: string;
                priority?: "critical" | "high" | "normal" | "low";
                initiator?: string;
                source_system?: string;
                /** @description All of these, each in a `tags` of its own. */
                tags?: string[];
                held?: boolean;
                rerun_of?: string;
                /** @description Needs `tasker.task:show_payload`: who may not see a context may not guess it. */
                context_contains?: string;
                annotation_type?: string;
                /** @description With `annotation_type`. Needs `tasker.task:show_payload`. */
                annotation_contains?: string;
                created_from?: string;
                created_before?: string;
                ended_from?: string;
                ended_before?: string;
                /** @description How many at most, 1 to 100. */
                limit?: number;
                cursor?: string;
                sort_by?: "created_at";
                sort_order?: "asc" | "desc";
                include?: ("total" | "annotations" | "context" | "correlation_id" | "execution" | "workflow_steps" | "bypass_steps" | "task_annotations" | "results")[];
                fields?: ("task_id" | "name" | "namespace" | "version" | "full_name" | "status" | "complete" | "priority" | "initiator" | "source_system" | "reason" | "tags" | "requested_at" | "created_at" | "started_at" | "ended_at" | "deadline_at" | "is_held" | "rerun_of" | "revision" | "context" | "correlation_id" | "execution" | "workflow_steps" | "bypass_steps" | "task_annotations" | "results")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first by default. */
            200: {
                headers: {
                    /** @description The page after, as `rel="next"`; absent on the last. */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskList"] | components["schemas"]["SparseTaskList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request finds the task that the first one made; with another request it is refused (409). Kept for `engine.idempotencyKeyTtlHours`. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTask"] | {
                    task: components["schemas"]["NewTask"];
                };
            };
        };
        responses: {
            /** @description An earlier request with the same idempotency key made it. */
            200: {
                headers: {
                    /** @description Where it is. */
                    location?: string;
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    /** @description `true`: an earlier request with the same key made it. */
                    "idempotent-replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
                };
            };
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is. */
                    location?: string;
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `IDEMPOTENCY_CONFLICT`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`, `CONTEXT_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `IDEMPOTENCY_KEY_BUSY`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTasks"];
            };
        };
        responses: {
            /** @description Earlier requests made all of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedTasks"];
                };
            };
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedTasks"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `IDEMPOTENCY_CONFLICT`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`, `CONTEXT_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `IDEMPOTENCY_KEY_BUSY`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTask: {
        parameters: {
            query?: {
                include?: ("annotations" | "context" | "correlation_id" | "execution" | "workflow_steps" | "bypass_steps" | "task_annotations" | "results" | "dependency_analysis")[];
                /** @description The same as `include=dependency_analysis`. */
                include_dependencies?: boolean;
                fields?: ("task_id" | "name" | "namespace" | "version" | "full_name" | "status" | "complete" | "priority" | "initiator" | "source_system" | "reason" | "tags" | "requested_at" | "created_at" | "started_at" | "ended_at" | "deadline_at" | "is_held" | "rerun_of" | "revision" | "context" | "correlation_id" | "execution" | "workflow_steps" | "bypass_steps" | "task_annotations" | "results" | "dependency_analysis")[];
            };
            header?: {
                /** @description An `etag`: when there is nothing new, 304 and no body. */
                "if-none-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"] | components["schemas"]["SparseTaskBody"];
                };
            };
            /** @description It is as `if-none-match` has it. */
            304: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChange"] | {
                    task: components["schemas"]["TaskChange"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteTask: {
        parameters: {
            query?: {
                /** @description Why, for the history. */
                reason?: string;
            };
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancelled"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChange"] | {
                    task: components["schemas"]["TaskChange"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTaskHistory: {
        parameters: {
            query?: {
                /** @description How many at most, 1 to 100. */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description The page after, as `rel="next"`; absent on the last. */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskHistory"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTaskTimeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelineBody"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Why, as of this moment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyBody"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTaskGraph: {
        parameters: {
            query?: {
                format?: "mermaid" | "dot" | "svg" | "json";
                durations?: "measured" | "recorded" | "none";
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The graph. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepGraphBody"];
                    "text/vnd.mermaid": string;
                    "text/vnd.graphviz": string;
                    "image/svg+xml": string;
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    analyseTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Made anew at each request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DependencyAnalysisBody"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTaskAnnotations: {
        parameters: {
            query?: {
                /** @description Only these types. */
                type?: string[];
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Annotations"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    annotateTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAnnotation"];
            };
        };
        responses: {
            /** @description It was there already. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Annotations"];
                };
            };
            /** @description Attached. */
            201: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Annotations"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWorkflowSteps: {
        parameters: {
            query?: {
                /** @description How many at most, 1 to 100. */
                limit?: number;
                cursor?: number;
                sort_order?: "asc" | "desc";
                status?: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually" | "skipped")[];
                include?: ("total" | "inputs" | "results" | "error")[];
                fields?: ("task_id" | "workflow_step_id" | "name" | "handler" | "status" | "attempts" | "retry_limit" | "retryable" | "skippable" | "processed" | "processed_at" | "in_process" | "last_attempted_at" | "ended_at" | "backoff_request_seconds" | "next_retry_at" | "is_ready" | "blocked_by" | "blocked_detail" | "dependencies_satisfied" | "retry_eligible" | "dependent_system" | "parents_ids" | "children_ids" | "siblings_ids" | "inputs" | "results" | "error")[];
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description The page after, as `rel="next"`; absent on the last. */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowStepList"] | components["schemas"]["SparseWorkflowStepList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWorkflowStep: {
        parameters: {
            query?: {
                fields?: ("task_id" | "workflow_step_id" | "name" | "handler" | "status" | "attempts" | "retry_limit" | "retryable" | "skippable" | "processed" | "processed_at" | "in_process" | "last_attempted_at" | "ended_at" | "backoff_request_seconds" | "next_retry_at" | "is_ready" | "blocked_by" | "blocked_detail" | "dependencies_satisfied" | "retry_eligible" | "dependent_system" | "parents_ids" | "children_ids" | "siblings_ids" | "inputs" | "results" | "error")[];
            };
            header?: {
                /** @description An `etag`: when there is nothing new, 304 and no body. */
                "if-none-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The step. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowStepBody"] | components["schemas"]["SparseWorkflowStepBody"];
                };
            };
            /** @description It is as `if-none-match` has it. */
            304: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkflowStepChange"] | {
                    workflow_step: components["schemas"]["WorkflowStepChange"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowStepBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWorkflowStep: {
        parameters: {
            query?: {
                /** @description Why, for the history. */
                reason?: string;
            };
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancelled"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkflowStepChange"] | {
                    workflow_step: components["schemas"]["WorkflowStepChange"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowStepBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                    /** @description How many each failed step gets beyond those it has spent. Default 1. */
                    attempts?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryTaskNow: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    wakeTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    holdTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rerunTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Steps to do again, with all that depends on them. Left out: what was not satisfied.
                     * @example [
                     *       "charge"
                     *     ]
                     */
                    from?: string | string[];
                    /** @description A new one. Left out: that of the old task. */
                    context?: {
                        [key: string]: unknown;
                    };
                    /** @description New inputs by step; these steps are done again too. */
                    inputs?: {
                        [key: string]: unknown;
                    };
                    /**
                     * @description Say what would run, and create nothing.
                     * @default false
                     */
                    dry_run?: boolean;
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description What would run. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RerunBody"];
                };
            };
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where the new task is. */
                    location?: string;
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RerunBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`, `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`, `CONTEXT_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                    /** @description How many beyond those it has spent. Default 1. */
                    attempts?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryWorkflowStepNow: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    wakeWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                    /**
                     * @description What the step is taken to have returned. Default null.
                     * @example {
                     *       "receipt": "by phone"
                     *     }
                     */
                    result?: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    skipWorkflowStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `etag` of the task as it was read: when it has changed since, 412 and nothing is done. */
                "if-match"?: string;
            };
            path: {
                task_id: string;
                /** @description Name or number of the step; a name goes before a number. */
                step: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Why, for the history.
                     * @example the gateway is back
                     */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The version of the task, for `if-match` and `if-none-match`. */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`, `STEP_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MOVE_NOT_ALLOWED`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REVISION_CONFLICT`. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operateTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkAction"];
            };
        };
        responses: {
            /** @description What was done, or would be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkReportBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pruneTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PruneOrder"];
            };
        };
        responses: {
            /** @description What went, or would go. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PruneReportBody"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    graphqlOverGet: {
        parameters: {
            query: {
                /** @description The document. */
                query: string;
                operationName?: string;
                variables?: string;
                extensions?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer of GraphQL, errors of single fields included. Over `text/event-stream` each event `next` is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GraphqlAnswer"];
                };
            };
            /** @description Nothing was executed: a fault of the document or a limit. Only where `application/graphql-response+json` is accepted; else the same with 200. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/graphql-response+json": components["schemas"]["GraphqlAnswer"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `METHOD_NOT_ALLOWED`. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    graphql: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GraphqlRequest"];
            };
        };
        responses: {
            /** @description The answer of GraphQL, errors of single fields included. Over `text/event-stream` each event `next` is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GraphqlAnswer"];
                };
            };
            /**
             * @description Nothing was executed: a fault of the document or a limit. Only where `application/graphql-response+json` is accepted; else the same with 200.
             *
             *     `BODY_MALFORMED`.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/graphql-response+json": components["schemas"]["GraphqlAnswer"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    graphqlPlayground: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description `ROUTE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @description Goes on after this id of an event. The header `last-event-id` goes first. */
                cursor?: string;
                /** @description Without an id: what comes from now on, or all that the journal still has. */
                since?: "now" | "start";
                /** @description Names of events and patterns (`task.*`). Default: all. */
                event?: string[];
                namespace?: string[];
                name?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Until the client goes. Each message has the name of an event, its JSON (schema `Event`) as data, and an id to go on after; comments between them keep the connection open. `problem` says why the stream ends, when it does not simply have to be opened again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `HISTORY_CURSOR_INVALID`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `HISTORY_CURSOR_EXPIRED`. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `STREAMS_EXHAUSTED`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    followTaskEvents: {
        parameters: {
            query?: {
                /** @description Goes on after this id of an event. The header `last-event-id` goes first. */
                cursor?: string;
                /** @description Without an id: what comes from now on, or all that the journal still has. */
                since?: "now" | "start";
                /** @description Names of events and patterns (`task.*`). Default: all. */
                event?: string[];
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Until the client goes. Each message has the name of an event, its JSON (schema `Event`) as data, and an id to go on after; comments between them keep the connection open. `problem` says why the stream ends, when it does not simply have to be opened again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `HISTORY_CURSOR_INVALID`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `TASK_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `HISTORY_CURSOR_EXPIRED`. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `STREAMS_EXHAUSTED`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNamespaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name; those without a definition too. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandlerNamespaces"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHandlersInNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name, each with its versions and what is in flight of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandlerList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NAMESPACE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHandlerWithDependencies: {
        parameters: {
            query?: {
                /** @description Exactly, as a semver range, or `latest`: the newest stable one. */
                version?: string;
            };
            header?: never;
            path: {
                namespace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All dependencies of all steps. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandlerBody"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHandlerGraph: {
        parameters: {
            query?: {
                format?: "mermaid" | "dot" | "svg" | "json";
                durations?: "measured" | "recorded" | "none";
                /** @description Exactly, as a semver range, or `latest`: the newest stable one. */
                version?: string;
            };
            header?: never;
            path: {
                namespace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The graph. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepGraphBody"];
                    "text/vnd.mermaid": string;
                    "text/vnd.graphviz": string;
                    "image/svg+xml": string;
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    compareHandlerVersions: {
        parameters: {
            query: {
                from: string;
                /** @description Exactly, as a semver range, or `latest`: the newest stable one. */
                to?: string;
            };
            header?: never;
            path: {
                namespace: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What differs, incompatible differences first, each with its reason. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionDiffBody"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DEFINITION_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNamespaceHolds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamespaceList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    holdNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NamespaceOrder"];
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamespaceChanged"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NAMESPACE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NamespaceOrder"];
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamespaceChanged"];
                };
            };
            /** @description `BODY_MALFORMED`. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `CROSS_SITE_REFUSED`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NAMESPACE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `BODY_TOO_LARGE`. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `MEDIA_TYPE_UNSUPPORTED`. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNamespaceHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamespaceHistory"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NAMESPACE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWorkers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Live ones first, then newest first; at most 100. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description It cannot; `failed_checks` says why.
             *
             *     `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealthStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemStatus"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description Not well; `failed_checks` says why.
             *
             *     `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemStatus"];
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportMetrics: {
        parameters: {
            query?: {
                format?: string;
                scope?: "process" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/json": components["schemas"]["Metrics"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`, `EXPORT_UNSUPPORTED`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `METRICS_UNAVAILABLE`, `EXPORT_FAILED`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPerformanceAnalytics: {
        parameters: {
            query?: {
                namespace?: string;
                name?: string;
                version?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PerformanceReport"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBottleneckAnalysis: {
        parameters: {
            query?: {
                namespace?: string;
                name?: string;
                version?: string;
                /** @description Hours, 1 to 720. */
                period?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BottleneckReport"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAuditEntries: {
        parameters: {
            query?: {
                /** @description How many at most, 1 to 100. */
                limit?: number;
                cursor?: string;
                actor?: string;
                operation?: string;
                outcome?: ("done" | "denied" | "refused" | "failed")[];
                task_id?: string;
                correlation_id?: string;
                from?: string;
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            /** @description `UNAUTHENTICATED`. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `EXPOSED_WITHOUT_AUTHENTICATION`, `FORBIDDEN`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `AUTHENTICATION_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showApiDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description For a browser. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiDocument: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiDocumentShortly: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiDocsFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It never changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description `ROUTE_NOT_FOUND`. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_INVALID`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMITED`. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL`. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
