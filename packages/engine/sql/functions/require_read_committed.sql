-- The protocol locks first and reads afterwards, which is only true when each statement has its own snapshot.
create or replace function tasker.require_read_committed() returns void
language plpgsql
as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'WRONG_ISOLATION: this transaction is %, not read committed', current_setting('transaction_isolation')
      using errcode = 'TK001';
  end if;
end
$$;
