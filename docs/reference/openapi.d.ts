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
         * @description Needs the permission `tasker.task:index`.
         */
        get: operations["listTasks"];
        put?: never;
        /**
         * Create a task
         * @description Needs the permission `tasker.task:create`.
         */
        post: operations["createTask"];
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
         * @description Needs the permission `tasker.task:show`.
         */
        get: operations["getTask"];
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
         * @description Needs the permission `tasker.handler:index`.
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
         * @description Needs the permission `tasker.handler:show`.
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
         * @description Tasks and steps by state, the last hour, connections and workers. Kept for `health.cacheDurationSeconds`, while the system is healthy. Costs what open tasks cost, however many are retained.
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
         * What this process has done, and how it fares
         * @description The text format of Prometheus; JSON for who accepts `application/json` and not `text/plain`. Values are of the process that answers.
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
         * @description What is under way, trends of the last hour, four hours and day, and percentiles of the last day. Kept for 90 s.
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
         * @description Of the tasks created in the last `period` hours: the slowest, errors by class, what waits for what, percentiles, and what would help most. Kept for 120 s.
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
            code: "CONFIG_INVALID" | "DATABASE_REQUIRED" | "DATABASE_UNREACHABLE" | "DATABASE_BUSY" | "DATABASE_READ_ONLY" | "DATABASE_DENIED" | "DATABASE_VERSION" | "SCHEMA_MISSING" | "SCHEMA_OUTDATED" | "SCHEMA_TOO_NEW" | "MIGRATION_BLOCKED" | "MIGRATION_CHANGED" | "WRONG_ISOLATION" | "DEFINITION_INVALID" | "DEFINITION_CONFLICT" | "DEFINITION_CHANGED" | "DEFINITION_NOT_FOUND" | "YAML_INVALID" | "REQUEST_INVALID" | "CONTEXT_INVALID" | "IDEMPOTENCY_CONFLICT" | "IDEMPOTENCY_KEY_BUSY" | "TASK_NOT_FOUND" | "STEP_NOT_FOUND" | "NAMESPACE_NOT_FOUND" | "MOVE_NOT_ALLOWED" | "REVISION_CONFLICT" | "WAIT_ENDED" | "RESULT_NOT_STORABLE" | "RESULT_INVALID" | "RESULT_TOO_LARGE" | "STEP_TIMEOUT" | "HANDLER_MISSING" | "TRANSACTION_UNAVAILABLE" | "TRANSACTION_OVER" | "TRANSACTION_ENDED_BY_HANDLER" | "HISTORY_CURSOR_INVALID" | "HISTORY_CURSOR_EXPIRED" | "LOGS_UNAVAILABLE" | "METRICS_UNAVAILABLE" | "AUTH_MISCONFIGURED" | "UNAUTHENTICATED" | "FORBIDDEN" | "EXPOSED_WITHOUT_AUTHENTICATION" | "CROSS_SITE_REFUSED" | "AUTHENTICATION_UNAVAILABLE" | "API_TOKEN_NOT_FOUND" | "API_TOKEN_EXISTS" | "ROUTE_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "BODY_MALFORMED" | "BODY_TOO_LARGE" | "MEDIA_TYPE_UNSUPPORTED" | "RATE_LIMITED" | "SERVER_CANNOT_LISTEN" | "STREAMS_EXHAUSTED" | "TASKER_CLOSED" | "INTERNAL";
            /** @description What to do next. */
            remedy: string;
            /** @description The request, by its correlation id: what the logs of the server know it by. */
            instance: string;
            /** @description Every fault of the request, where there are such. */
            readonly faults?: {
                path: string;
                message: string;
            }[];
        };
        TaskList: {
            tasks: {
                /**
                 * Format: uuid
                 * @example 0198f3f0-7c1e-7000-8000-0123456789ab
                 */
                task_id: string;
                name: string;
                namespace: string;
                version: string;
                /** @example payments.process_order@1.2.0 */
                full_name: string;
                /** @enum {string} */
                status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
                priority: string;
                initiator: string;
                source_system: string;
                reason: string;
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
                is_held: boolean;
                rerun_of: string | null;
            }[];
            page: components["schemas"]["Page"];
        };
        Page: {
            /** @description Send as `cursor` for the next page; null on the last. */
            next_cursor: string | null;
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
            name: string;
            namespace: string;
            version: string;
            /** @example payments.process_order@1.2.0 */
            full_name: string;
            /** @enum {string} */
            status: "pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually";
            priority: string;
            initiator: string;
            source_system: string;
            reason: string;
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
            is_held: boolean;
            rerun_of: string | null;
            /** @description Null for a caller without `tasker.task:show_payload`. */
            context: {
                [key: string]: unknown;
            } | null;
            correlation_id: string | null;
            workflow_steps: components["schemas"]["WorkflowStep"][];
        };
        WorkflowStep: {
            /**
             * Format: uuid
             * @example 0198f3f0-7c1e-7000-8000-0123456789ab
             */
            task_id: string;
            step_no: number;
            name: string;
            status: string;
            attempts: number;
            retry_limit: number;
            /** @description Any JSON. */
            results: unknown;
        };
        NewTask: {
            name: string;
            namespace?: string;
            version?: string;
            context: {
                [key: string]: unknown;
            };
            initiator?: string;
            source_system?: string;
            reason?: string;
            tags?: string[];
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
                cache: components["schemas"]["HealthCheck"];
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
            /**
             * Format: date-time
             * @description UTC, with milliseconds.
             * @example 2026-11-21T10:30:00.000Z
             */
            generated_at: string;
            generation_duration_ms: number;
            /** @description It was made for an earlier request. */
            cached: boolean;
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
                /** @description How many at most, 1 to 100. */
                limit?: number;
                cursor?: string;
                status?: ("pending" | "in_progress" | "complete" | "error" | "cancelled" | "resolved_manually")[];
                namespace?: string;
                name?: string;
                created_from?: string;
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
                    "application/json": components["schemas"]["TaskList"];
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
    createTask: {
        parameters: {
            query?: never;
            header?: never;
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
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is. */
                    location?: string;
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
    getTask: {
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
            /** @description The task. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskBody"];
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
            /** @description `STREAMS_EXHAUSTED`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
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
            /** @description `STREAMS_EXHAUSTED`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
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
             *     `DATABASE_UNREACHABLE`, `DATABASE_BUSY`.
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
             *     `DATABASE_UNREACHABLE`, `DATABASE_BUSY`.
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
            query?: never;
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
            /** @description `METRICS_UNAVAILABLE`, `DATABASE_UNREACHABLE`, `DATABASE_BUSY`. */
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
