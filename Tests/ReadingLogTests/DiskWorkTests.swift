import Foundation
import ReadingLog
import Testing

@Suite struct DiskWorkTests {
  @Test func itGivesWhatTheWorkGives() async throws {
    let disk = DiskWork("test")
    let value = await disk.run { _ in 7 }
    #expect(value == 7)
    await #expect(throws: LogError.self) {
      try await disk.run { (_) throws(LogError) -> Void in throw LogError.noStore(path: "/nowhere") }
    }
  }

  @Test func workHearsThatNobodyWaitsForItAnyMore() async {
    let disk = DiskWork("test")
    let task = Task {
      await disk.run { isCancelled in
        let end = Date() + 10
        while !isCancelled(), Date() < end { Thread.sleep(forTimeInterval: 0.001) }
        return isCancelled()
      }
    }
    task.cancel()
    let heard = await task.value
    #expect(heard)
  }
}
