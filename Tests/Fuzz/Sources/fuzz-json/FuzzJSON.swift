import DeviceProtocol
import Invariants

// Takes any message of the topic `json`.

nonisolated(unsafe) private var twins: DecoderCheck = {
  let decoder = JSONFrameDecoder(subjects: SubjectKey([UInt8](repeating: 7, count: 32)))
  return DecoderCheck(isStartOfReadings: { $0 == UInt8(ascii: "[") }) { payload, head, buffer in
    decoder.decode(payload, head: &head, into: &buffer)
  }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafeRawPointer?, _ count: Int) -> CInt {
  twins.run(UnsafeRawBufferPointer(start: data, count: count))
  return 0
}
