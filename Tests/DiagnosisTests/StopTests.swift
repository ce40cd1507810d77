import Foundation
import Testing

@testable import Diagnosis

@Suite struct StopTests {
  @Test func aCleanStopLeavesOneFile() throws {
    let sample = try Sample()
    try sample.send(.rate(0.5), .rate(0.95, window: 2))
    // Readers of the pool are open, too.
    #expect(try sample.count() == 1)
    try sample.core.shutDown()
    let files = try FileManager.default.contentsOfDirectory(atPath: sample.folder.path)
    #expect(files == ["diagnosis.sqlite"])
  }
}
