-- What wrk sends in bench/api_publish, and what it prints: one line of JSON. Arguments: the key and
-- the body.
function init(arguments)
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. arguments[1]
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = arguments[2]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests":%d,"seconds":%f,"p99_ms":%f,"errors":%d}', summary.requests,
                      summary.duration / 1e6, latency:percentile(99) / 1e3,
                      errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
