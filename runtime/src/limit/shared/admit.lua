-- Admits as many calls as all of their budgets let go, or none, and says when to ask again.
--
-- All times are microseconds of this server's clock. A budget is three keys:
--   state   a hash: `used`, the units that are taken; `closed`, until when nobody goes; of a bucket `level` and `at`
--   places  a sorted set: "id|units" by the time at which the place is free again
--   line    a hash: who waits, "arrived:due:units": since when, when they ask again, and for how much
--
-- KEYS: the generation, then state, places and line of each budget.
-- ARGV: run, caller, first, want, lease, grace, shut, reach, then six of each budget:
--       algorithm, limit, window, burst, units of one call, and its time to live in milliseconds.
-- Answer: how many go, microseconds until asking again, which budget is last (from 0), 1 if the log was lost.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local run, caller, first = ARGV[1], ARGV[2], tonumber(ARGV[3])
local want, lease, grace = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local shut, reach = tonumber(ARGV[7]), tonumber(ARGV[8])
-- Lua would write large numbers with an exponent.
local function whole(number) return string.format('%.0f', number) end
local function live(key, ttl)
    -- Half of it is enough, so that not every question has to write it.
    if redis.call('PTTL', key) * 2 < ttl then redis.call('PEXPIRE', key, ttl) end
end

-- Another server, or this one with its memory gone: nobody knows what was sent before.
local generation = redis.call('HMGET', KEYS[1], 'run', 'born')
local born = tonumber(generation[2])
if not born or generation[1] ~= run then
    born = now
    redis.call('HSET', KEYS[1], 'run', run, 'born', whole(born))
end
live(KEYS[1], 2592000000)

local count = (#KEYS - 1) / 3
local budgets, go = {}, want
for index = 1, count do
    local at = 8 + (index - 1) * 6
    local budget = {
        state = KEYS[3 * index - 1], places = KEYS[3 * index], line = KEYS[3 * index + 1],
        algorithm = ARGV[at + 1], limit = tonumber(ARGV[at + 2]), window = tonumber(ARGV[at + 3]),
        burst = tonumber(ARGV[at + 4]), units = tonumber(ARGV[at + 5]), ttl = tonumber(ARGV[at + 6]),
    }
    budgets[index] = budget

    local ended = redis.call('ZRANGEBYSCORE', budget.places, '-inf', whole(now))
    local freed = 0
    for _, place in ipairs(ended) do freed = freed + tonumber(string.match(place, '|(%d+)$')) end
    if #ended > 0 then redis.call('ZREMRANGEBYSCORE', budget.places, '-inf', whole(now)) end
    local kept = redis.call('HMGET', budget.state, 'used', 'closed', 'level', 'at')
    budget.used = math.max(0, (tonumber(kept[1]) or 0) - freed)
    if redis.call('ZCARD', budget.places) == 0 then budget.used = 0 end

    budget.closed = tonumber(kept[2]) or 0
    if shut > 0 then budget.closed = math.max(budget.closed, now + shut) end
    if budget.algorithm == 'bucket' then
        -- What is in flight may arrive later than the tokens that it took began to come back, so it lowers the brim.
        budget.rate = budget.limit / budget.window
        budget.brim = budget.burst - budget.used
        local level, since = tonumber(kept[3]), tonumber(kept[4])
        if not level then level, since = budget.burst, now end
        if since < born or (not kept[3] and born > 0) then level, since = 0, born end
        budget.free = math.min(budget.brim, level + math.max(0, now - since) * budget.rate)
    else
        budget.free = budget.limit - budget.used
        budget.opens = born + (budget.algorithm == 'concurrency' and born > 0 and lease or budget.window)
        if born == 0 then budget.opens = 0 end
    end

    -- Who came before and is about to ask goes first. Who asks much later, or is late, holds up nobody.
    local others = redis.call('HGETALL', budget.line)
    local mine
    budget.others = {}
    for entry = 1, #others, 2 do
        local arrived, due, units = string.match(others[entry + 1], '^(%d+):(%d+):(%d+)$')
        arrived, due, units = tonumber(arrived), tonumber(due), tonumber(units)
        if others[entry] == caller then
            mine = arrived
        elseif due + 60000000 < now then
            redis.call('HDEL', budget.line, others[entry])
        else
            table.insert(budget.others, { arrived = arrived, due = due, units = units })
        end
    end
    budget.mine = mine
    budget.ahead, budget.behind = 0, 0
    for _, other in ipairs(budget.others) do
        if not mine or other.arrived < mine then
            budget.behind = budget.behind + other.units
            if other.due - grace <= now and now <= other.due + grace then
                budget.ahead = budget.ahead + other.units
            end
        end
    end

    if now < budget.closed or (budget.opens and now < budget.opens) then
        go = 0
    else
        go = math.min(go, math.floor((budget.free - budget.ahead) / budget.units + 1e-9))
    end
end
go = math.max(0, go)

for _, budget in ipairs(budgets) do
    for nth = 0, go - 1 do
        local place = caller .. ':' .. whole(first + nth) .. '|' .. whole(budget.units)
        -- The same question asked again, since its answer was lost, takes nothing twice.
        if redis.call('ZADD', budget.places, whole(now + lease), place) == 1 then
            budget.used = budget.used + budget.units
            budget.free = budget.free - budget.units
        end
    end
    redis.call('HSET', budget.state, 'used', whole(budget.used))
    if budget.closed > now then redis.call('HSET', budget.state, 'closed', whole(budget.closed)) end
    if budget.algorithm == 'bucket' then
        redis.call('HSET', budget.state, 'level', string.format('%.9f', budget.free), 'at', whole(now))
    end
    live(budget.state, budget.ttl)
    if budget.used > 0 then live(budget.places, budget.ttl) end
end

if go == want then
    for _, budget in ipairs(budgets) do
        if budget.mine then redis.call('HDEL', budget.line, caller) end
    end
    return { go, 0, 0, 0 }
end

-- When the next one may go at the earliest, which is when to ask again.
local wait, last, lost = 1000, 0, 0
for index, budget in ipairs(budgets) do
    local earliest = 0
    -- Those before take places, too. Not all of them need come, so no further ahead than `reach`.
    local before, rounds = budget.behind, 0
    if budget.algorithm == 'bucket' then
        earliest = math.max(0, (budget.units - budget.free) / budget.rate) + math.min(reach, before / budget.rate)
        -- In flight is so much that the bucket cannot fill; nobody knows when that ends.
        if budget.burst - budget.used < budget.units then earliest = math.max(earliest, 10000) end
    else
        local window = budget.algorithm == 'concurrency' and 10000 or budget.window
        rounds = math.floor(before / budget.limit)
        local need = budget.units + before % budget.limit - budget.free
        if need > 0 then
            earliest = window
            local found = 0
            local places = redis.call('ZRANGE', budget.places, 0, need - 1, 'WITHSCORES')
            for entry = 1, #places, 2 do
                found = found + tonumber(string.match(places[entry], '|(%d+)$'))
                if found >= need then
                    -- What is in flight ends one window after its answer, however long its lease is.
                    earliest = math.min(tonumber(places[entry + 1]) - now, window)
                    break
                end
            end
        end
        earliest = earliest + math.min(reach, rounds * window)
    end
    if budget.opens and budget.opens - now > earliest then
        earliest = budget.opens - now
        if earliest >= wait then lost = 1 end
    end
    earliest = math.max(earliest, budget.closed - now)
    if earliest > wait then
        wait, last = earliest, index - 1
        if not (budget.opens and budget.opens - now >= earliest) then lost = 0 end
    end
end
wait = math.ceil(wait)

-- Whoever got something goes to the end of the line.
for _, budget in ipairs(budgets) do
    local arrived = go == 0 and budget.mine or now
    local units = (want - go) * budget.units
    redis.call('HSET', budget.line, caller, whole(arrived) .. ':' .. whole(now + wait) .. ':' .. whole(units))
    live(budget.line, budget.ttl)
end
return { go, wait, last, lost }
