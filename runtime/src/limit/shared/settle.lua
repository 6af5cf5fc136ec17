-- Says what became of places.
--
-- KEYS: state and places of a budget, for each item.
-- ARGV: five of each item: what, place, units, microseconds, and the time to live in milliseconds.
--   back    it was never used
--   refill  as `back`, and a bucket gets its tokens back
--   end     it is free after so many microseconds
--   close   nobody goes for so many microseconds
--   leave   the place is a caller, who waits no longer; the second key is the line

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local function whole(number) return string.format('%.0f', number) end
local function live(key, ttl)
    -- Half of it is enough, so that not every question has to write it.
    if redis.call('PTTL', key) * 2 < ttl then redis.call('PEXPIRE', key, ttl) end
end

for index = 1, #KEYS / 2 do
    local state, places = KEYS[2 * index - 1], KEYS[2 * index]
    local at = (index - 1) * 5
    local what, place, units = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
    local micros, ttl = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
    if what == 'leave' then
        redis.call('HDEL', places, place)
    elseif what == 'close' then
        local closed = tonumber(redis.call('HGET', state, 'closed')) or 0
        redis.call('HSET', state, 'closed', whole(math.max(closed, now + micros)))
        live(state, ttl)
    elseif what == 'end' and micros > 0 then
        -- A place that is gone, since the memory of this server is, is taken again.
        if redis.call('ZADD', places, whole(now + micros), place) == 1 then
            redis.call('HINCRBY', state, 'used', whole(units))
        end
        live(state, ttl)
        live(places, ttl)
    elseif redis.call('ZREM', places, place) == 1 then
        redis.call('HINCRBY', state, 'used', whole(-units))
        if what == 'refill' then redis.call('HINCRBYFLOAT', state, 'level', whole(units)) end
        live(state, ttl)
    end
end
return 0
