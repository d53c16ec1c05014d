# on: syntax, too_large, valid, exception, killed; off: syntax, too_large, valid, exception, killed
# Has a chain of five thousand elif.
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.fc = nn.Linear(8 * 64, out_shape[0])
        if prm is 0:
            pass
        elif prm == 0:
            pass
        elif prm == 1:
            pass
        elif prm == 2:
            pass
        elif prm == 3:
            pass
        elif prm == 4:
            pass
        elif prm == 5:
            pass
        elif prm == 6:
            pass
        elif prm == 7:
            pass
        elif prm == 8:
            pass
        elif prm == 9:
            pass
        elif prm == 10:
            pass
        elif prm == 11:
            pass
        elif prm == 12:
            pass
        elif prm == 13:
            pass
        elif prm == 14:
            pass
        elif prm == 15:
            pass
        elif prm == 16:
            pass
        elif prm == 17:
            pass
        elif prm == 18:
            pass
        elif prm == 19:
            pass
        elif prm == 20:
            pass
        elif prm == 21:
            pass
        elif prm == 22:
            pass
        elif prm == 23:
            pass
        elif prm == 24:
            pass
        elif prm == 25:
            pass
        elif prm == 26:
            pass
        elif prm == 27:
            pass
        elif prm == 28:
            pass
        elif prm == 29:
            pass
        elif prm == 30:
            pass
        elif prm == 31:
            pass
        elif prm == 32:
            pass
        elif prm == 33:
            pass
        elif prm == 34:
            pass
        elif prm == 35:
            pass
        elif prm == 36:
            pass
        elif prm == 37:
            pass
        elif prm == 38:
            pass
        elif prm == 39:
            pass
        elif prm == 40:
            pass
        elif prm == 41:
            pass
        elif prm == 42:
            pass
        elif prm == 43:
            pass
        elif prm == 44:
            pass
        elif prm == 45:
            pass
        elif prm == 46:
            pass
        elif prm == 47:
            pass
        elif prm == 48:
            pass
        elif prm == 49:
            pass
        elif prm == 50:
            pass
        elif prm == 51:
            pass
        elif prm == 52:
            pass
        elif prm == 53:
            pass
        elif prm == 54:
            pass
        elif prm == 55:
            pass
        elif prm == 56:
            pass
        elif prm == 57:
            pass
        elif prm == 58:
            pass
        elif prm == 59:
            pass
        elif prm == 60:
            pass
        elif prm == 61:
            pass
        elif prm == 62:
            pass
        elif prm == 63:
            pass
        elif prm == 64:
            pass
        elif prm == 65:
            pass
        elif prm == 66:
            pass
        elif prm == 67:
            pass
        elif prm == 68:
            pass
        elif prm == 69:
            pass
        elif prm == 70:
            pass
        elif prm == 71:
            pass
        elif prm == 72:
            pass
        elif prm == 73:
            pass
        elif prm == 74:
            pass
        elif prm == 75:
            pass
        elif prm == 76:
            pass
        elif prm == 77:
            pass
        elif prm == 78:
            pass
        elif prm == 79:
            pass
        elif prm == 80:
            pass
        elif prm == 81:
            pass
        elif prm == 82:
            pass
        elif prm == 83:
            pass
        elif prm == 84:
            pass
        elif prm == 85:
            pass
        elif prm == 86:
            pass
        elif prm == 87:
            pass
        elif prm == 88:
            pass
        elif prm == 89:
            pass
        elif prm == 90:
            pass
        elif prm == 91:
            pass
        elif prm == 92:
            pass
        elif prm == 93:
            pass
        elif prm == 94:
            pass
        elif prm == 95:
            pass
        elif prm == 96:
            pass
        elif prm == 97:
            pass
        elif prm == 98:
            pass
        elif prm == 99:
            pass
        elif prm == 100:
            pass
        elif prm == 101:
            pass
        elif prm == 102:
            pass
        elif prm == 103:
            pass
        elif prm == 104:
            pass
        elif prm == 105:
            pass
        elif prm == 106:
            pass
        elif prm == 107:
            pass
        elif prm == 108:
            pass
        elif prm == 109:
            pass
        elif prm == 110:
            pass
        elif prm == 111:
            pass
        elif prm == 112:
            pass
        elif prm == 113:
            pass
        elif prm == 114:
            pass
        elif prm == 115:
            pass
        elif prm == 116:
            pass
        elif prm == 117:
            pass
        elif prm == 118:
            pass
        elif prm == 119:
            pass
        elif prm == 120:
            pass
        elif prm == 121:
            pass
        elif prm == 122:
            pass
        elif prm == 123:
            pass
        elif prm == 124:
            pass
        elif prm == 125:
            pass
        elif prm == 126:
            pass
        elif prm == 127:
            pass
        elif prm == 128:
            pass
        elif prm == 129:
            pass
        elif prm == 130:
            pass
        elif prm == 131:
            pass
        elif prm == 132:
            pass
        elif prm == 133:
            pass
        elif prm == 134:
            pass
        elif prm == 135:
            pass
        elif prm == 136:
            pass
        elif prm == 137:
            pass
        elif prm == 138:
            pass
        elif prm == 139:
            pass
        elif prm == 140:
            pass
        elif prm == 141:
            pass
        elif prm == 142:
            pass
        elif prm == 143:
            pass
        elif prm == 144:
            pass
        elif prm == 145:
            pass
        elif prm == 146:
            pass
        elif prm == 147:
            pass
        elif prm == 148:
            pass
        elif prm == 149:
            pass
        elif prm == 150:
            pass
        elif prm == 151:
            pass
        elif prm == 152:
            pass
        elif prm == 153:
            pass
        elif prm == 154:
            pass
        elif prm == 155:
            pass
        elif prm == 156:
            pass
        elif prm == 157:
            pass
        elif prm == 158:
            pass
        elif prm == 159:
            pass
        elif prm == 160:
            pass
        elif prm == 161:
            pass
        elif prm == 162:
            pass
        elif prm == 163:
            pass
        elif prm == 164:
            pass
        elif prm == 165:
            pass
        elif prm == 166:
            pass
        elif prm == 167:
            pass
        elif prm == 168:
            pass
        elif prm == 169:
            pass
        elif prm == 170:
            pass
        elif prm == 171:
            pass
        elif prm == 172:
            pass
        elif prm == 173:
            pass
        elif prm == 174:
            pass
        elif prm == 175:
            pass
        elif prm == 176:
            pass
        elif prm == 177:
            pass
        elif prm == 178:
            pass
        elif prm == 179:
            pass
        elif prm == 180:
            pass
        elif prm == 181:
            pass
        elif prm == 182:
            pass
        elif prm == 183:
            pass
        elif prm == 184:
            pass
        elif prm == 185:
            pass
        elif prm == 186:
            pass
        elif prm == 187:
            pass
        elif prm == 188:
            pass
        elif prm == 189:
            pass
        elif prm == 190:
            pass
        elif prm == 191:
            pass
        elif prm == 192:
            pass
        elif prm == 193:
            pass
        elif prm == 194:
            pass
        elif prm == 195:
            pass
        elif prm == 196:
            pass
        elif prm == 197:
            pass
        elif prm == 198:
            pass
        elif prm == 199:
            pass
        elif prm == 200:
            pass
        elif prm == 201:
            pass
        elif prm == 202:
            pass
        elif prm == 203:
            pass
        elif prm == 204:
            pass
        elif prm == 205:
            pass
        elif prm == 206:
            pass
        elif prm == 207:
            pass
        elif prm == 208:
            pass
        elif prm == 209:
            pass
        elif prm == 210:
            pass
        elif prm == 211:
            pass
        elif prm == 212:
            pass
        elif prm == 213:
            pass
        elif prm == 214:
            pass
        elif prm == 215:
            pass
        elif prm == 216:
            pass
        elif prm == 217:
            pass
        elif prm == 218:
            pass
        elif prm == 219:
            pass
        elif prm == 220:
            pass
        elif prm == 221:
            pass
        elif prm == 222:
            pass
        elif prm == 223:
            pass
        elif prm == 224:
            pass
        elif prm == 225:
            pass
        elif prm == 226:
            pass
        elif prm == 227:
            pass
        elif prm == 228:
            pass
        elif prm == 229:
            pass
        elif prm == 230:
            pass
        elif prm == 231:
            pass
        elif prm == 232:
            pass
        elif prm == 233:
            pass
        elif prm == 234:
            pass
        elif prm == 235:
            pass
        elif prm == 236:
            pass
        elif prm == 237:
            pass
        elif prm == 238:
            pass
        elif prm == 239:
            pass
        elif prm == 240:
            pass
        elif prm == 241:
            pass
        elif prm == 242:
            pass
        elif prm == 243:
            pass
        elif prm == 244:
            pass
        elif prm == 245:
            pass
        elif prm == 246:
            pass
        elif prm == 247:
            pass
        elif prm == 248:
            pass
        elif prm == 249:
            pass
        elif prm == 250:
            pass
        elif prm == 251:
            pass
        elif prm == 252:
            pass
        elif prm == 253:
            pass
        elif prm == 254:
            pass
        elif prm == 255:
            pass
        elif prm == 256:
            pass
        elif prm == 257:
            pass
        elif prm == 258:
            pass
        elif prm == 259:
            pass
        elif prm == 260:
            pass
        elif prm == 261:
            pass
        elif prm == 262:
            pass
        elif prm == 263:
            pass
        elif prm == 264:
            pass
        elif prm == 265:
            pass
        elif prm == 266:
            pass
        elif prm == 267:
            pass
        elif prm == 268:
            pass
        elif prm == 269:
            pass
        elif prm == 270:
            pass
        elif prm == 271:
            pass
        elif prm == 272:
            pass
        elif prm == 273:
            pass
        elif prm == 274:
            pass
        elif prm == 275:
            pass
        elif prm == 276:
            pass
        elif prm == 277:
            pass
        elif prm == 278:
            pass
        elif prm == 279:
            pass
        elif prm == 280:
            pass
        elif prm == 281:
            pass
        elif prm == 282:
            pass
        elif prm == 283:
            pass
        elif prm == 284:
            pass
        elif prm == 285:
            pass
        elif prm == 286:
            pass
        elif prm == 287:
            pass
        elif prm == 288:
            pass
        elif prm == 289:
            pass
        elif prm == 290:
            pass
        elif prm == 291:
            pass
        elif prm == 292:
            pass
        elif prm == 293:
            pass
        elif prm == 294:
            pass
        elif prm == 295:
            pass
        elif prm == 296:
            pass
        elif prm == 297:
            pass
        elif prm == 298:
            pass
        elif prm == 299:
            pass
        elif prm == 300:
            pass
        elif prm == 301:
            pass
        elif prm == 302:
            pass
        elif prm == 303:
            pass
        elif prm == 304:
            pass
        elif prm == 305:
            pass
        elif prm == 306:
            pass
        elif prm == 307:
            pass
        elif prm == 308:
            pass
        elif prm == 309:
            pass
        elif prm == 310:
            pass
        elif prm == 311:
            pass
        elif prm == 312:
            pass
        elif prm == 313:
            pass
        elif prm == 314:
            pass
        elif prm == 315:
            pass
        elif prm == 316:
            pass
        elif prm == 317:
            pass
        elif prm == 318:
            pass
        elif prm == 319:
            pass
        elif prm == 320:
            pass
        elif prm == 321:
            pass
        elif prm == 322:
            pass
        elif prm == 323:
            pass
        elif prm == 324:
            pass
        elif prm == 325:
            pass
        elif prm == 326:
            pass
        elif prm == 327:
            pass
        elif prm == 328:
            pass
        elif prm == 329:
            pass
        elif prm == 330:
            pass
        elif prm == 331:
            pass
        elif prm == 332:
            pass
        elif prm == 333:
            pass
        elif prm == 334:
            pass
        elif prm == 335:
            pass
        elif prm == 336:
            pass
        elif prm == 337:
            pass
        elif prm == 338:
            pass
        elif prm == 339:
            pass
        elif prm == 340:
            pass
        elif prm == 341:
            pass
        elif prm == 342:
            pass
        elif prm == 343:
            pass
        elif prm == 344:
            pass
        elif prm == 345:
            pass
        elif prm == 346:
            pass
        elif prm == 347:
            pass
        elif prm == 348:
            pass
        elif prm == 349:
            pass
        elif prm == 350:
            pass
        elif prm == 351:
            pass
        elif prm == 352:
            pass
        elif prm == 353:
            pass
        elif prm == 354:
            pass
        elif prm == 355:
            pass
        elif prm == 356:
            pass
        elif prm == 357:
            pass
        elif prm == 358:
            pass
        elif prm == 359:
            pass
        elif prm == 360:
            pass
        elif prm == 361:
            pass
        elif prm == 362:
            pass
        elif prm == 363:
            pass
        elif prm == 364:
            pass
        elif prm == 365:
            pass
        elif prm == 366:
            pass
        elif prm == 367:
            pass
        elif prm == 368:
            pass
        elif prm == 369:
            pass
        elif prm == 370:
            pass
        elif prm == 371:
            pass
        elif prm == 372:
            pass
        elif prm == 373:
            pass
        elif prm == 374:
            pass
        elif prm == 375:
            pass
        elif prm == 376:
            pass
        elif prm == 377:
            pass
        elif prm == 378:
            pass
        elif prm == 379:
            pass
        elif prm == 380:
            pass
        elif prm == 381:
            pass
        elif prm == 382:
            pass
        elif prm == 383:
            pass
        elif prm == 384:
            pass
        elif prm == 385:
            pass
        elif prm == 386:
            pass
        elif prm == 387:
            pass
        elif prm == 388:
            pass
        elif prm == 389:
            pass
        elif prm == 390:
            pass
        elif prm == 391:
            pass
        elif prm == 392:
            pass
        elif prm == 393:
            pass
        elif prm == 394:
            pass
        elif prm == 395:
            pass
        elif prm == 396:
            pass
        elif prm == 397:
            pass
        elif prm == 398:
            pass
        elif prm == 399:
            pass
        elif prm == 400:
            pass
        elif prm == 401:
            pass
        elif prm == 402:
            pass
        elif prm == 403:
            pass
        elif prm == 404:
            pass
        elif prm == 405:
            pass
        elif prm == 406:
            pass
        elif prm == 407:
            pass
        elif prm == 408:
            pass
        elif prm == 409:
            pass
        elif prm == 410:
            pass
        elif prm == 411:
            pass
        elif prm == 412:
            pass
        elif prm == 413:
            pass
        elif prm == 414:
            pass
        elif prm == 415:
            pass
        elif prm == 416:
            pass
        elif prm == 417:
            pass
        elif prm == 418:
            pass
        elif prm == 419:
            pass
        elif prm == 420:
            pass
        elif prm == 421:
            pass
        elif prm == 422:
            pass
        elif prm == 423:
            pass
        elif prm == 424:
            pass
        elif prm == 425:
            pass
        elif prm == 426:
            pass
        elif prm == 427:
            pass
        elif prm == 428:
            pass
        elif prm == 429:
            pass
        elif prm == 430:
            pass
        elif prm == 431:
            pass
        elif prm == 432:
            pass
        elif prm == 433:
            pass
        elif prm == 434:
            pass
        elif prm == 435:
            pass
        elif prm == 436:
            pass
        elif prm == 437:
            pass
        elif prm == 438:
            pass
        elif prm == 439:
            pass
        elif prm == 440:
            pass
        elif prm == 441:
            pass
        elif prm == 442:
            pass
        elif prm == 443:
            pass
        elif prm == 444:
            pass
        elif prm == 445:
            pass
        elif prm == 446:
            pass
        elif prm == 447:
            pass
        elif prm == 448:
            pass
        elif prm == 449:
            pass
        elif prm == 450:
            pass
        elif prm == 451:
            pass
        elif prm == 452:
            pass
        elif prm == 453:
            pass
        elif prm == 454:
            pass
        elif prm == 455:
            pass
        elif prm == 456:
            pass
        elif prm == 457:
            pass
        elif prm == 458:
            pass
        elif prm == 459:
            pass
        elif prm == 460:
            pass
        elif prm == 461:
            pass
        elif prm == 462:
            pass
        elif prm == 463:
            pass
        elif prm == 464:
            pass
        elif prm == 465:
            pass
        elif prm == 466:
            pass
        elif prm == 467:
            pass
        elif prm == 468:
            pass
        elif prm == 469:
            pass
        elif prm == 470:
            pass
        elif prm == 471:
            pass
        elif prm == 472:
            pass
        elif prm == 473:
            pass
        elif prm == 474:
            pass
        elif prm == 475:
            pass
        elif prm == 476:
            pass
        elif prm == 477:
            pass
        elif prm == 478:
            pass
        elif prm == 479:
            pass
        elif prm == 480:
            pass
        elif prm == 481:
            pass
        elif prm == 482:
            pass
        elif prm == 483:
            pass
        elif prm == 484:
            pass
        elif prm == 485:
            pass
        elif prm == 486:
            pass
        elif prm == 487:
            pass
        elif prm == 488:
            pass
        elif prm == 489:
            pass
        elif prm == 490:
            pass
        elif prm == 491:
            pass
        elif prm == 492:
            pass
        elif prm == 493:
            pass
        elif prm == 494:
            pass
        elif prm == 495:
            pass
        elif prm == 496:
            pass
        elif prm == 497:
            pass
        elif prm == 498:
            pass
        elif prm == 499:
            pass
        elif prm == 500:
            pass
        elif prm == 501:
            pass
        elif prm == 502:
            pass
        elif prm == 503:
            pass
        elif prm == 504:
            pass
        elif prm == 505:
            pass
        elif prm == 506:
            pass
        elif prm == 507:
            pass
        elif prm == 508:
            pass
        elif prm == 509:
            pass
        elif prm == 510:
            pass
        elif prm == 511:
            pass
        elif prm == 512:
            pass
        elif prm == 513:
            pass
        elif prm == 514:
            pass
        elif prm == 515:
            pass
        elif prm == 516:
            pass
        elif prm == 517:
            pass
        elif prm == 518:
            pass
        elif prm == 519:
            pass
        elif prm == 520:
            pass
        elif prm == 521:
            pass
        elif prm == 522:
            pass
        elif prm == 523:
            pass
        elif prm == 524:
            pass
        elif prm == 525:
            pass
        elif prm == 526:
            pass
        elif prm == 527:
            pass
        elif prm == 528:
            pass
        elif prm == 529:
            pass
        elif prm == 530:
            pass
        elif prm == 531:
            pass
        elif prm == 532:
            pass
        elif prm == 533:
            pass
        elif prm == 534:
            pass
        elif prm == 535:
            pass
        elif prm == 536:
            pass
        elif prm == 537:
            pass
        elif prm == 538:
            pass
        elif prm == 539:
            pass
        elif prm == 540:
            pass
        elif prm == 541:
            pass
        elif prm == 542:
            pass
        elif prm == 543:
            pass
        elif prm == 544:
            pass
        elif prm == 545:
            pass
        elif prm == 546:
            pass
        elif prm == 547:
            pass
        elif prm == 548:
            pass
        elif prm == 549:
            pass
        elif prm == 550:
            pass
        elif prm == 551:
            pass
        elif prm == 552:
            pass
        elif prm == 553:
            pass
        elif prm == 554:
            pass
        elif prm == 555:
            pass
        elif prm == 556:
            pass
        elif prm == 557:
            pass
        elif prm == 558:
            pass
        elif prm == 559:
            pass
        elif prm == 560:
            pass
        elif prm == 561:
            pass
        elif prm == 562:
            pass
        elif prm == 563:
            pass
        elif prm == 564:
            pass
        elif prm == 565:
            pass
        elif prm == 566:
            pass
        elif prm == 567:
            pass
        elif prm == 568:
            pass
        elif prm == 569:
            pass
        elif prm == 570:
            pass
        elif prm == 571:
            pass
        elif prm == 572:
            pass
        elif prm == 573:
            pass
        elif prm == 574:
            pass
        elif prm == 575:
            pass
        elif prm == 576:
            pass
        elif prm == 577:
            pass
        elif prm == 578:
            pass
        elif prm == 579:
            pass
        elif prm == 580:
            pass
        elif prm == 581:
            pass
        elif prm == 582:
            pass
        elif prm == 583:
            pass
        elif prm == 584:
            pass
        elif prm == 585:
            pass
        elif prm == 586:
            pass
        elif prm == 587:
            pass
        elif prm == 588:
            pass
        elif prm == 589:
            pass
        elif prm == 590:
            pass
        elif prm == 591:
            pass
        elif prm == 592:
            pass
        elif prm == 593:
            pass
        elif prm == 594:
            pass
        elif prm == 595:
            pass
        elif prm == 596:
            pass
        elif prm == 597:
            pass
        elif prm == 598:
            pass
        elif prm == 599:
            pass
        elif prm == 600:
            pass
        elif prm == 601:
            pass
        elif prm == 602:
            pass
        elif prm == 603:
            pass
        elif prm == 604:
            pass
        elif prm == 605:
            pass
        elif prm == 606:
            pass
        elif prm == 607:
            pass
        elif prm == 608:
            pass
        elif prm == 609:
            pass
        elif prm == 610:
            pass
        elif prm == 611:
            pass
        elif prm == 612:
            pass
        elif prm == 613:
            pass
        elif prm == 614:
            pass
        elif prm == 615:
            pass
        elif prm == 616:
            pass
        elif prm == 617:
            pass
        elif prm == 618:
            pass
        elif prm == 619:
            pass
        elif prm == 620:
            pass
        elif prm == 621:
            pass
        elif prm == 622:
            pass
        elif prm == 623:
            pass
        elif prm == 624:
            pass
        elif prm == 625:
            pass
        elif prm == 626:
            pass
        elif prm == 627:
            pass
        elif prm == 628:
            pass
        elif prm == 629:
            pass
        elif prm == 630:
            pass
        elif prm == 631:
            pass
        elif prm == 632:
            pass
        elif prm == 633:
            pass
        elif prm == 634:
            pass
        elif prm == 635:
            pass
        elif prm == 636:
            pass
        elif prm == 637:
            pass
        elif prm == 638:
            pass
        elif prm == 639:
            pass
        elif prm == 640:
            pass
        elif prm == 641:
            pass
        elif prm == 642:
            pass
        elif prm == 643:
            pass
        elif prm == 644:
            pass
        elif prm == 645:
            pass
        elif prm == 646:
            pass
        elif prm == 647:
            pass
        elif prm == 648:
            pass
        elif prm == 649:
            pass
        elif prm == 650:
            pass
        elif prm == 651:
            pass
        elif prm == 652:
            pass
        elif prm == 653:
            pass
        elif prm == 654:
            pass
        elif prm == 655:
            pass
        elif prm == 656:
            pass
        elif prm == 657:
            pass
        elif prm == 658:
            pass
        elif prm == 659:
            pass
        elif prm == 660:
            pass
        elif prm == 661:
            pass
        elif prm == 662:
            pass
        elif prm == 663:
            pass
        elif prm == 664:
            pass
        elif prm == 665:
            pass
        elif prm == 666:
            pass
        elif prm == 667:
            pass
        elif prm == 668:
            pass
        elif prm == 669:
            pass
        elif prm == 670:
            pass
        elif prm == 671:
            pass
        elif prm == 672:
            pass
        elif prm == 673:
            pass
        elif prm == 674:
            pass
        elif prm == 675:
            pass
        elif prm == 676:
            pass
        elif prm == 677:
            pass
        elif prm == 678:
            pass
        elif prm == 679:
            pass
        elif prm == 680:
            pass
        elif prm == 681:
            pass
        elif prm == 682:
            pass
        elif prm == 683:
            pass
        elif prm == 684:
            pass
        elif prm == 685:
            pass
        elif prm == 686:
            pass
        elif prm == 687:
            pass
        elif prm == 688:
            pass
        elif prm == 689:
            pass
        elif prm == 690:
            pass
        elif prm == 691:
            pass
        elif prm == 692:
            pass
        elif prm == 693:
            pass
        elif prm == 694:
            pass
        elif prm == 695:
            pass
        elif prm == 696:
            pass
        elif prm == 697:
            pass
        elif prm == 698:
            pass
        elif prm == 699:
            pass
        elif prm == 700:
            pass
        elif prm == 701:
            pass
        elif prm == 702:
            pass
        elif prm == 703:
            pass
        elif prm == 704:
            pass
        elif prm == 705:
            pass
        elif prm == 706:
            pass
        elif prm == 707:
            pass
        elif prm == 708:
            pass
        elif prm == 709:
            pass
        elif prm == 710:
            pass
        elif prm == 711:
            pass
        elif prm == 712:
            pass
        elif prm == 713:
            pass
        elif prm == 714:
            pass
        elif prm == 715:
            pass
        elif prm == 716:
            pass
        elif prm == 717:
            pass
        elif prm == 718:
            pass
        elif prm == 719:
            pass
        elif prm == 720:
            pass
        elif prm == 721:
            pass
        elif prm == 722:
            pass
        elif prm == 723:
            pass
        elif prm == 724:
            pass
        elif prm == 725:
            pass
        elif prm == 726:
            pass
        elif prm == 727:
            pass
        elif prm == 728:
            pass
        elif prm == 729:
            pass
        elif prm == 730:
            pass
        elif prm == 731:
            pass
        elif prm == 732:
            pass
        elif prm == 733:
            pass
        elif prm == 734:
            pass
        elif prm == 735:
            pass
        elif prm == 736:
            pass
        elif prm == 737:
            pass
        elif prm == 738:
            pass
        elif prm == 739:
            pass
        elif prm == 740:
            pass
        elif prm == 741:
            pass
        elif prm == 742:
            pass
        elif prm == 743:
            pass
        elif prm == 744:
            pass
        elif prm == 745:
            pass
        elif prm == 746:
            pass
        elif prm == 747:
            pass
        elif prm == 748:
            pass
        elif prm == 749:
            pass
        elif prm == 750:
            pass
        elif prm == 751:
            pass
        elif prm == 752:
            pass
        elif prm == 753:
            pass
        elif prm == 754:
            pass
        elif prm == 755:
            pass
        elif prm == 756:
            pass
        elif prm == 757:
            pass
        elif prm == 758:
            pass
        elif prm == 759:
            pass
        elif prm == 760:
            pass
        elif prm == 761:
            pass
        elif prm == 762:
            pass
        elif prm == 763:
            pass
        elif prm == 764:
            pass
        elif prm == 765:
            pass
        elif prm == 766:
            pass
        elif prm == 767:
            pass
        elif prm == 768:
            pass
        elif prm == 769:
            pass
        elif prm == 770:
            pass
        elif prm == 771:
            pass
        elif prm == 772:
            pass
        elif prm == 773:
            pass
        elif prm == 774:
            pass
        elif prm == 775:
            pass
        elif prm == 776:
            pass
        elif prm == 777:
            pass
        elif prm == 778:
            pass
        elif prm == 779:
            pass
        elif prm == 780:
            pass
        elif prm == 781:
            pass
        elif prm == 782:
            pass
        elif prm == 783:
            pass
        elif prm == 784:
            pass
        elif prm == 785:
            pass
        elif prm == 786:
            pass
        elif prm == 787:
            pass
        elif prm == 788:
            pass
        elif prm == 789:
            pass
        elif prm == 790:
            pass
        elif prm == 791:
            pass
        elif prm == 792:
            pass
        elif prm == 793:
            pass
        elif prm == 794:
            pass
        elif prm == 795:
            pass
        elif prm == 796:
            pass
        elif prm == 797:
            pass
        elif prm == 798:
            pass
        elif prm == 799:
            pass
        elif prm == 800:
            pass
        elif prm == 801:
            pass
        elif prm == 802:
            pass
        elif prm == 803:
            pass
        elif prm == 804:
            pass
        elif prm == 805:
            pass
        elif prm == 806:
            pass
        elif prm == 807:
            pass
        elif prm == 808:
            pass
        elif prm == 809:
            pass
        elif prm == 810:
            pass
        elif prm == 811:
            pass
        elif prm == 812:
            pass
        elif prm == 813:
            pass
        elif prm == 814:
            pass
        elif prm == 815:
            pass
        elif prm == 816:
            pass
        elif prm == 817:
            pass
        elif prm == 818:
            pass
        elif prm == 819:
            pass
        elif prm == 820:
            pass
        elif prm == 821:
            pass
        elif prm == 822:
            pass
        elif prm == 823:
            pass
        elif prm == 824:
            pass
        elif prm == 825:
            pass
        elif prm == 826:
            pass
        elif prm == 827:
            pass
        elif prm == 828:
            pass
        elif prm == 829:
            pass
        elif prm == 830:
            pass
        elif prm == 831:
            pass
        elif prm == 832:
            pass
        elif prm == 833:
            pass
        elif prm == 834:
            pass
        elif prm == 835:
            pass
        elif prm == 836:
            pass
        elif prm == 837:
            pass
        elif prm == 838:
            pass
        elif prm == 839:
            pass
        elif prm == 840:
            pass
        elif prm == 841:
            pass
        elif prm == 842:
            pass
        elif prm == 843:
            pass
        elif prm == 844:
            pass
        elif prm == 845:
            pass
        elif prm == 846:
            pass
        elif prm == 847:
            pass
        elif prm == 848:
            pass
        elif prm == 849:
            pass
        elif prm == 850:
            pass
        elif prm == 851:
            pass
        elif prm == 852:
            pass
        elif prm == 853:
            pass
        elif prm == 854:
            pass
        elif prm == 855:
            pass
        elif prm == 856:
            pass
        elif prm == 857:
            pass
        elif prm == 858:
            pass
        elif prm == 859:
            pass
        elif prm == 860:
            pass
        elif prm == 861:
            pass
        elif prm == 862:
            pass
        elif prm == 863:
            pass
        elif prm == 864:
            pass
        elif prm == 865:
            pass
        elif prm == 866:
            pass
        elif prm == 867:
            pass
        elif prm == 868:
            pass
        elif prm == 869:
            pass
        elif prm == 870:
            pass
        elif prm == 871:
            pass
        elif prm == 872:
            pass
        elif prm == 873:
            pass
        elif prm == 874:
            pass
        elif prm == 875:
            pass
        elif prm == 876:
            pass
        elif prm == 877:
            pass
        elif prm == 878:
            pass
        elif prm == 879:
            pass
        elif prm == 880:
            pass
        elif prm == 881:
            pass
        elif prm == 882:
            pass
        elif prm == 883:
            pass
        elif prm == 884:
            pass
        elif prm == 885:
            pass
        elif prm == 886:
            pass
        elif prm == 887:
            pass
        elif prm == 888:
            pass
        elif prm == 889:
            pass
        elif prm == 890:
            pass
        elif prm == 891:
            pass
        elif prm == 892:
            pass
        elif prm == 893:
            pass
        elif prm == 894:
            pass
        elif prm == 895:
            pass
        elif prm == 896:
            pass
        elif prm == 897:
            pass
        elif prm == 898:
            pass
        elif prm == 899:
            pass
        elif prm == 900:
            pass
        elif prm == 901:
            pass
        elif prm == 902:
            pass
        elif prm == 903:
            pass
        elif prm == 904:
            pass
        elif prm == 905:
            pass
        elif prm == 906:
            pass
        elif prm == 907:
            pass
        elif prm == 908:
            pass
        elif prm == 909:
            pass
        elif prm == 910:
            pass
        elif prm == 911:
            pass
        elif prm == 912:
            pass
        elif prm == 913:
            pass
        elif prm == 914:
            pass
        elif prm == 915:
            pass
        elif prm == 916:
            pass
        elif prm == 917:
            pass
        elif prm == 918:
            pass
        elif prm == 919:
            pass
        elif prm == 920:
            pass
        elif prm == 921:
            pass
        elif prm == 922:
            pass
        elif prm == 923:
            pass
        elif prm == 924:
            pass
        elif prm == 925:
            pass
        elif prm == 926:
            pass
        elif prm == 927:
            pass
        elif prm == 928:
            pass
        elif prm == 929:
            pass
        elif prm == 930:
            pass
        elif prm == 931:
            pass
        elif prm == 932:
            pass
        elif prm == 933:
            pass
        elif prm == 934:
            pass
        elif prm == 935:
            pass
        elif prm == 936:
            pass
        elif prm == 937:
            pass
        elif prm == 938:
            pass
        elif prm == 939:
            pass
        elif prm == 940:
            pass
        elif prm == 941:
            pass
        elif prm == 942:
            pass
        elif prm == 943:
            pass
        elif prm == 944:
            pass
        elif prm == 945:
            pass
        elif prm == 946:
            pass
        elif prm == 947:
            pass
        elif prm == 948:
            pass
        elif prm == 949:
            pass
        elif prm == 950:
            pass
        elif prm == 951:
            pass
        elif prm == 952:
            pass
        elif prm == 953:
            pass
        elif prm == 954:
            pass
        elif prm == 955:
            pass
        elif prm == 956:
            pass
        elif prm == 957:
            pass
        elif prm == 958:
            pass
        elif prm == 959:
            pass
        elif prm == 960:
            pass
        elif prm == 961:
            pass
        elif prm == 962:
            pass
        elif prm == 963:
            pass
        elif prm == 964:
            pass
        elif prm == 965:
            pass
        elif prm == 966:
            pass
        elif prm == 967:
            pass
        elif prm == 968:
            pass
        elif prm == 969:
            pass
        elif prm == 970:
            pass
        elif prm == 971:
            pass
        elif prm == 972:
            pass
        elif prm == 973:
            pass
        elif prm == 974:
            pass
        elif prm == 975:
            pass
        elif prm == 976:
            pass
        elif prm == 977:
            pass
        elif prm == 978:
            pass
        elif prm == 979:
            pass
        elif prm == 980:
            pass
        elif prm == 981:
            pass
        elif prm == 982:
            pass
        elif prm == 983:
            pass
        elif prm == 984:
            pass
        elif prm == 985:
            pass
        elif prm == 986:
            pass
        elif prm == 987:
            pass
        elif prm == 988:
            pass
        elif prm == 989:
            pass
        elif prm == 990:
            pass
        elif prm == 991:
            pass
        elif prm == 992:
            pass
        elif prm == 993:
            pass
        elif prm == 994:
            pass
        elif prm == 995:
            pass
        elif prm == 996:
            pass
        elif prm == 997:
            pass
        elif prm == 998:
            pass
        elif prm == 999:
            pass
        elif prm == 1000:
            pass
        elif prm == 1001:
            pass
        elif prm == 1002:
            pass
        elif prm == 1003:
            pass
        elif prm == 1004:
            pass
        elif prm == 1005:
            pass
        elif prm == 1006:
            pass
        elif prm == 1007:
            pass
        elif prm == 1008:
            pass
        elif prm == 1009:
            pass
        elif prm == 1010:
            pass
        elif prm == 1011:
            pass
        elif prm == 1012:
            pass
        elif prm == 1013:
            pass
        elif prm == 1014:
            pass
        elif prm == 1015:
            pass
        elif prm == 1016:
            pass
        elif prm == 1017:
            pass
        elif prm == 1018:
            pass
        elif prm == 1019:
            pass
        elif prm == 1020:
            pass
        elif prm == 1021:
            pass
        elif prm == 1022:
            pass
        elif prm == 1023:
            pass
        elif prm == 1024:
            pass
        elif prm == 1025:
            pass
        elif prm == 1026:
            pass
        elif prm == 1027:
            pass
        elif prm == 1028:
            pass
        elif prm == 1029:
            pass
        elif prm == 1030:
            pass
        elif prm == 1031:
            pass
        elif prm == 1032:
            pass
        elif prm == 1033:
            pass
        elif prm == 1034:
            pass
        elif prm == 1035:
            pass
        elif prm == 1036:
            pass
        elif prm == 1037:
            pass
        elif prm == 1038:
            pass
        elif prm == 1039:
            pass
        elif prm == 1040:
            pass
        elif prm == 1041:
            pass
        elif prm == 1042:
            pass
        elif prm == 1043:
            pass
        elif prm == 1044:
            pass
        elif prm == 1045:
            pass
        elif prm == 1046:
            pass
        elif prm == 1047:
            pass
        elif prm == 1048:
            pass
        elif prm == 1049:
            pass
        elif prm == 1050:
            pass
        elif prm == 1051:
            pass
        elif prm == 1052:
            pass
        elif prm == 1053:
            pass
        elif prm == 1054:
            pass
        elif prm == 1055:
            pass
        elif prm == 1056:
            pass
        elif prm == 1057:
            pass
        elif prm == 1058:
            pass
        elif prm == 1059:
            pass
        elif prm == 1060:
            pass
        elif prm == 1061:
            pass
        elif prm == 1062:
            pass
        elif prm == 1063:
            pass
        elif prm == 1064:
            pass
        elif prm == 1065:
            pass
        elif prm == 1066:
            pass
        elif prm == 1067:
            pass
        elif prm == 1068:
            pass
        elif prm == 1069:
            pass
        elif prm == 1070:
            pass
        elif prm == 1071:
            pass
        elif prm == 1072:
            pass
        elif prm == 1073:
            pass
        elif prm == 1074:
            pass
        elif prm == 1075:
            pass
        elif prm == 1076:
            pass
        elif prm == 1077:
            pass
        elif prm == 1078:
            pass
        elif prm == 1079:
            pass
        elif prm == 1080:
            pass
        elif prm == 1081:
            pass
        elif prm == 1082:
            pass
        elif prm == 1083:
            pass
        elif prm == 1084:
            pass
        elif prm == 1085:
            pass
        elif prm == 1086:
            pass
        elif prm == 1087:
            pass
        elif prm == 1088:
            pass
        elif prm == 1089:
            pass
        elif prm == 1090:
            pass
        elif prm == 1091:
            pass
        elif prm == 1092:
            pass
        elif prm == 1093:
            pass
        elif prm == 1094:
            pass
        elif prm == 1095:
            pass
        elif prm == 1096:
            pass
        elif prm == 1097:
            pass
        elif prm == 1098:
            pass
        elif prm == 1099:
            pass
        elif prm == 1100:
            pass
        elif prm == 1101:
            pass
        elif prm == 1102:
            pass
        elif prm == 1103:
            pass
        elif prm == 1104:
            pass
        elif prm == 1105:
            pass
        elif prm == 1106:
            pass
        elif prm == 1107:
            pass
        elif prm == 1108:
            pass
        elif prm == 1109:
            pass
        elif prm == 1110:
            pass
        elif prm == 1111:
            pass
        elif prm == 1112:
            pass
        elif prm == 1113:
            pass
        elif prm == 1114:
            pass
        elif prm == 1115:
            pass
        elif prm == 1116:
            pass
        elif prm == 1117:
            pass
        elif prm == 1118:
            pass
        elif prm == 1119:
            pass
        elif prm == 1120:
            pass
        elif prm == 1121:
            pass
        elif prm == 1122:
            pass
        elif prm == 1123:
            pass
        elif prm == 1124:
            pass
        elif prm == 1125:
            pass
        elif prm == 1126:
            pass
        elif prm == 1127:
            pass
        elif prm == 1128:
            pass
        elif prm == 1129:
            pass
        elif prm == 1130:
            pass
        elif prm == 1131:
            pass
        elif prm == 1132:
            pass
        elif prm == 1133:
            pass
        elif prm == 1134:
            pass
        elif prm == 1135:
            pass
        elif prm == 1136:
            pass
        elif prm == 1137:
            pass
        elif prm == 1138:
            pass
        elif prm == 1139:
            pass
        elif prm == 1140:
            pass
        elif prm == 1141:
            pass
        elif prm == 1142:
            pass
        elif prm == 1143:
            pass
        elif prm == 1144:
            pass
        elif prm == 1145:
            pass
        elif prm == 1146:
            pass
        elif prm == 1147:
            pass
        elif prm == 1148:
            pass
        elif prm == 1149:
            pass
        elif prm == 1150:
            pass
        elif prm == 1151:
            pass
        elif prm == 1152:
            pass
        elif prm == 1153:
            pass
        elif prm == 1154:
            pass
        elif prm == 1155:
            pass
        elif prm == 1156:
            pass
        elif prm == 1157:
            pass
        elif prm == 1158:
            pass
        elif prm == 1159:
            pass
        elif prm == 1160:
            pass
        elif prm == 1161:
            pass
        elif prm == 1162:
            pass
        elif prm == 1163:
            pass
        elif prm == 1164:
            pass
        elif prm == 1165:
            pass
        elif prm == 1166:
            pass
        elif prm == 1167:
            pass
        elif prm == 1168:
            pass
        elif prm == 1169:
            pass
        elif prm == 1170:
            pass
        elif prm == 1171:
            pass
        elif prm == 1172:
            pass
        elif prm == 1173:
            pass
        elif prm == 1174:
            pass
        elif prm == 1175:
            pass
        elif prm == 1176:
            pass
        elif prm == 1177:
            pass
        elif prm == 1178:
            pass
        elif prm == 1179:
            pass
        elif prm == 1180:
            pass
        elif prm == 1181:
            pass
        elif prm == 1182:
            pass
        elif prm == 1183:
            pass
        elif prm == 1184:
            pass
        elif prm == 1185:
            pass
        elif prm == 1186:
            pass
        elif prm == 1187:
            pass
        elif prm == 1188:
            pass
        elif prm == 1189:
            pass
        elif prm == 1190:
            pass
        elif prm == 1191:
            pass
        elif prm == 1192:
            pass
        elif prm == 1193:
            pass
        elif prm == 1194:
            pass
        elif prm == 1195:
            pass
        elif prm == 1196:
            pass
        elif prm == 1197:
            pass
        elif prm == 1198:
            pass
        elif prm == 1199:
            pass
        elif prm == 1200:
            pass
        elif prm == 1201:
            pass
        elif prm == 1202:
            pass
        elif prm == 1203:
            pass
        elif prm == 1204:
            pass
        elif prm == 1205:
            pass
        elif prm == 1206:
            pass
        elif prm == 1207:
            pass
        elif prm == 1208:
            pass
        elif prm == 1209:
            pass
        elif prm == 1210:
            pass
        elif prm == 1211:
            pass
        elif prm == 1212:
            pass
        elif prm == 1213:
            pass
        elif prm == 1214:
            pass
        elif prm == 1215:
            pass
        elif prm == 1216:
            pass
        elif prm == 1217:
            pass
        elif prm == 1218:
            pass
        elif prm == 1219:
            pass
        elif prm == 1220:
            pass
        elif prm == 1221:
            pass
        elif prm == 1222:
            pass
        elif prm == 1223:
            pass
        elif prm == 1224:
            pass
        elif prm == 1225:
            pass
        elif prm == 1226:
            pass
        elif prm == 1227:
            pass
        elif prm == 1228:
            pass
        elif prm == 1229:
            pass
        elif prm == 1230:
            pass
        elif prm == 1231:
            pass
        elif prm == 1232:
            pass
        elif prm == 1233:
            pass
        elif prm == 1234:
            pass
        elif prm == 1235:
            pass
        elif prm == 1236:
            pass
        elif prm == 1237:
            pass
        elif prm == 1238:
            pass
        elif prm == 1239:
            pass
        elif prm == 1240:
            pass
        elif prm == 1241:
            pass
        elif prm == 1242:
            pass
        elif prm == 1243:
            pass
        elif prm == 1244:
            pass
        elif prm == 1245:
            pass
        elif prm == 1246:
            pass
        elif prm == 1247:
            pass
        elif prm == 1248:
            pass
        elif prm == 1249:
            pass
        elif prm == 1250:
            pass
        elif prm == 1251:
            pass
        elif prm == 1252:
            pass
        elif prm == 1253:
            pass
        elif prm == 1254:
            pass
        elif prm == 1255:
            pass
        elif prm == 1256:
            pass
        elif prm == 1257:
            pass
        elif prm == 1258:
            pass
        elif prm == 1259:
            pass
        elif prm == 1260:
            pass
        elif prm == 1261:
            pass
        elif prm == 1262:
            pass
        elif prm == 1263:
            pass
        elif prm == 1264:
            pass
        elif prm == 1265:
            pass
        elif prm == 1266:
            pass
        elif prm == 1267:
            pass
        elif prm == 1268:
            pass
        elif prm == 1269:
            pass
        elif prm == 1270:
            pass
        elif prm == 1271:
            pass
        elif prm == 1272:
            pass
        elif prm == 1273:
            pass
        elif prm == 1274:
            pass
        elif prm == 1275:
            pass
        elif prm == 1276:
            pass
        elif prm == 1277:
            pass
        elif prm == 1278:
            pass
        elif prm == 1279:
            pass
        elif prm == 1280:
            pass
        elif prm == 1281:
            pass
        elif prm == 1282:
            pass
        elif prm == 1283:
            pass
        elif prm == 1284:
            pass
        elif prm == 1285:
            pass
        elif prm == 1286:
            pass
        elif prm == 1287:
            pass
        elif prm == 1288:
            pass
        elif prm == 1289:
            pass
        elif prm == 1290:
            pass
        elif prm == 1291:
            pass
        elif prm == 1292:
            pass
        elif prm == 1293:
            pass
        elif prm == 1294:
            pass
        elif prm == 1295:
            pass
        elif prm == 1296:
            pass
        elif prm == 1297:
            pass
        elif prm == 1298:
            pass
        elif prm == 1299:
            pass
        elif prm == 1300:
            pass
        elif prm == 1301:
            pass
        elif prm == 1302:
            pass
        elif prm == 1303:
            pass
        elif prm == 1304:
            pass
        elif prm == 1305:
            pass
        elif prm == 1306:
            pass
        elif prm == 1307:
            pass
        elif prm == 1308:
            pass
        elif prm == 1309:
            pass
        elif prm == 1310:
            pass
        elif prm == 1311:
            pass
        elif prm == 1312:
            pass
        elif prm == 1313:
            pass
        elif prm == 1314:
            pass
        elif prm == 1315:
            pass
        elif prm == 1316:
            pass
        elif prm == 1317:
            pass
        elif prm == 1318:
            pass
        elif prm == 1319:
            pass
        elif prm == 1320:
            pass
        elif prm == 1321:
            pass
        elif prm == 1322:
            pass
        elif prm == 1323:
            pass
        elif prm == 1324:
            pass
        elif prm == 1325:
            pass
        elif prm == 1326:
            pass
        elif prm == 1327:
            pass
        elif prm == 1328:
            pass
        elif prm == 1329:
            pass
        elif prm == 1330:
            pass
        elif prm == 1331:
            pass
        elif prm == 1332:
            pass
        elif prm == 1333:
            pass
        elif prm == 1334:
            pass
        elif prm == 1335:
            pass
        elif prm == 1336:
            pass
        elif prm == 1337:
            pass
        elif prm == 1338:
            pass
        elif prm == 1339:
            pass
        elif prm == 1340:
            pass
        elif prm == 1341:
            pass
        elif prm == 1342:
            pass
        elif prm == 1343:
            pass
        elif prm == 1344:
            pass
        elif prm == 1345:
            pass
        elif prm == 1346:
            pass
        elif prm == 1347:
            pass
        elif prm == 1348:
            pass
        elif prm == 1349:
            pass
        elif prm == 1350:
            pass
        elif prm == 1351:
            pass
        elif prm == 1352:
            pass
        elif prm == 1353:
            pass
        elif prm == 1354:
            pass
        elif prm == 1355:
            pass
        elif prm == 1356:
            pass
        elif prm == 1357:
            pass
        elif prm == 1358:
            pass
        elif prm == 1359:
            pass
        elif prm == 1360:
            pass
        elif prm == 1361:
            pass
        elif prm == 1362:
            pass
        elif prm == 1363:
            pass
        elif prm == 1364:
            pass
        elif prm == 1365:
            pass
        elif prm == 1366:
            pass
        elif prm == 1367:
            pass
        elif prm == 1368:
            pass
        elif prm == 1369:
            pass
        elif prm == 1370:
            pass
        elif prm == 1371:
            pass
        elif prm == 1372:
            pass
        elif prm == 1373:
            pass
        elif prm == 1374:
            pass
        elif prm == 1375:
            pass
        elif prm == 1376:
            pass
        elif prm == 1377:
            pass
        elif prm == 1378:
            pass
        elif prm == 1379:
            pass
        elif prm == 1380:
            pass
        elif prm == 1381:
            pass
        elif prm == 1382:
            pass
        elif prm == 1383:
            pass
        elif prm == 1384:
            pass
        elif prm == 1385:
            pass
        elif prm == 1386:
            pass
        elif prm == 1387:
            pass
        elif prm == 1388:
            pass
        elif prm == 1389:
            pass
        elif prm == 1390:
            pass
        elif prm == 1391:
            pass
        elif prm == 1392:
            pass
        elif prm == 1393:
            pass
        elif prm == 1394:
            pass
        elif prm == 1395:
            pass
        elif prm == 1396:
            pass
        elif prm == 1397:
            pass
        elif prm == 1398:
            pass
        elif prm == 1399:
            pass
        elif prm == 1400:
            pass
        elif prm == 1401:
            pass
        elif prm == 1402:
            pass
        elif prm == 1403:
            pass
        elif prm == 1404:
            pass
        elif prm == 1405:
            pass
        elif prm == 1406:
            pass
        elif prm == 1407:
            pass
        elif prm == 1408:
            pass
        elif prm == 1409:
            pass
        elif prm == 1410:
            pass
        elif prm == 1411:
            pass
        elif prm == 1412:
            pass
        elif prm == 1413:
            pass
        elif prm == 1414:
            pass
        elif prm == 1415:
            pass
        elif prm == 1416:
            pass
        elif prm == 1417:
            pass
        elif prm == 1418:
            pass
        elif prm == 1419:
            pass
        elif prm == 1420:
            pass
        elif prm == 1421:
            pass
        elif prm == 1422:
            pass
        elif prm == 1423:
            pass
        elif prm == 1424:
            pass
        elif prm == 1425:
            pass
        elif prm == 1426:
            pass
        elif prm == 1427:
            pass
        elif prm == 1428:
            pass
        elif prm == 1429:
            pass
        elif prm == 1430:
            pass
        elif prm == 1431:
            pass
        elif prm == 1432:
            pass
        elif prm == 1433:
            pass
        elif prm == 1434:
            pass
        elif prm == 1435:
            pass
        elif prm == 1436:
            pass
        elif prm == 1437:
            pass
        elif prm == 1438:
            pass
        elif prm == 1439:
            pass
        elif prm == 1440:
            pass
        elif prm == 1441:
            pass
        elif prm == 1442:
            pass
        elif prm == 1443:
            pass
        elif prm == 1444:
            pass
        elif prm == 1445:
            pass
        elif prm == 1446:
            pass
        elif prm == 1447:
            pass
        elif prm == 1448:
            pass
        elif prm == 1449:
            pass
        elif prm == 1450:
            pass
        elif prm == 1451:
            pass
        elif prm == 1452:
            pass
        elif prm == 1453:
            pass
        elif prm == 1454:
            pass
        elif prm == 1455:
            pass
        elif prm == 1456:
            pass
        elif prm == 1457:
            pass
        elif prm == 1458:
            pass
        elif prm == 1459:
            pass
        elif prm == 1460:
            pass
        elif prm == 1461:
            pass
        elif prm == 1462:
            pass
        elif prm == 1463:
            pass
        elif prm == 1464:
            pass
        elif prm == 1465:
            pass
        elif prm == 1466:
            pass
        elif prm == 1467:
            pass
        elif prm == 1468:
            pass
        elif prm == 1469:
            pass
        elif prm == 1470:
            pass
        elif prm == 1471:
            pass
        elif prm == 1472:
            pass
        elif prm == 1473:
            pass
        elif prm == 1474:
            pass
        elif prm == 1475:
            pass
        elif prm == 1476:
            pass
        elif prm == 1477:
            pass
        elif prm == 1478:
            pass
        elif prm == 1479:
            pass
        elif prm == 1480:
            pass
        elif prm == 1481:
            pass
        elif prm == 1482:
            pass
        elif prm == 1483:
            pass
        elif prm == 1484:
            pass
        elif prm == 1485:
            pass
        elif prm == 1486:
            pass
        elif prm == 1487:
            pass
        elif prm == 1488:
            pass
        elif prm == 1489:
            pass
        elif prm == 1490:
            pass
        elif prm == 1491:
            pass
        elif prm == 1492:
            pass
        elif prm == 1493:
            pass
        elif prm == 1494:
            pass
        elif prm == 1495:
            pass
        elif prm == 1496:
            pass
        elif prm == 1497:
            pass
        elif prm == 1498:
            pass
        elif prm == 1499:
            pass
        elif prm == 1500:
            pass
        elif prm == 1501:
            pass
        elif prm == 1502:
            pass
        elif prm == 1503:
            pass
        elif prm == 1504:
            pass
        elif prm == 1505:
            pass
        elif prm == 1506:
            pass
        elif prm == 1507:
            pass
        elif prm == 1508:
            pass
        elif prm == 1509:
            pass
        elif prm == 1510:
            pass
        elif prm == 1511:
            pass
        elif prm == 1512:
            pass
        elif prm == 1513:
            pass
        elif prm == 1514:
            pass
        elif prm == 1515:
            pass
        elif prm == 1516:
            pass
        elif prm == 1517:
            pass
        elif prm == 1518:
            pass
        elif prm == 1519:
            pass
        elif prm == 1520:
            pass
        elif prm == 1521:
            pass
        elif prm == 1522:
            pass
        elif prm == 1523:
            pass
        elif prm == 1524:
            pass
        elif prm == 1525:
            pass
        elif prm == 1526:
            pass
        elif prm == 1527:
            pass
        elif prm == 1528:
            pass
        elif prm == 1529:
            pass
        elif prm == 1530:
            pass
        elif prm == 1531:
            pass
        elif prm == 1532:
            pass
        elif prm == 1533:
            pass
        elif prm == 1534:
            pass
        elif prm == 1535:
            pass
        elif prm == 1536:
            pass
        elif prm == 1537:
            pass
        elif prm == 1538:
            pass
        elif prm == 1539:
            pass
        elif prm == 1540:
            pass
        elif prm == 1541:
            pass
        elif prm == 1542:
            pass
        elif prm == 1543:
            pass
        elif prm == 1544:
            pass
        elif prm == 1545:
            pass
        elif prm == 1546:
            pass
        elif prm == 1547:
            pass
        elif prm == 1548:
            pass
        elif prm == 1549:
            pass
        elif prm == 1550:
            pass
        elif prm == 1551:
            pass
        elif prm == 1552:
            pass
        elif prm == 1553:
            pass
        elif prm == 1554:
            pass
        elif prm == 1555:
            pass
        elif prm == 1556:
            pass
        elif prm == 1557:
            pass
        elif prm == 1558:
            pass
        elif prm == 1559:
            pass
        elif prm == 1560:
            pass
        elif prm == 1561:
            pass
        elif prm == 1562:
            pass
        elif prm == 1563:
            pass
        elif prm == 1564:
            pass
        elif prm == 1565:
            pass
        elif prm == 1566:
            pass
        elif prm == 1567:
            pass
        elif prm == 1568:
            pass
        elif prm == 1569:
            pass
        elif prm == 1570:
            pass
        elif prm == 1571:
            pass
        elif prm == 1572:
            pass
        elif prm == 1573:
            pass
        elif prm == 1574:
            pass
        elif prm == 1575:
            pass
        elif prm == 1576:
            pass
        elif prm == 1577:
            pass
        elif prm == 1578:
            pass
        elif prm == 1579:
            pass
        elif prm == 1580:
            pass
        elif prm == 1581:
            pass
        elif prm == 1582:
            pass
        elif prm == 1583:
            pass
        elif prm == 1584:
            pass
        elif prm == 1585:
            pass
        elif prm == 1586:
            pass
        elif prm == 1587:
            pass
        elif prm == 1588:
            pass
        elif prm == 1589:
            pass
        elif prm == 1590:
            pass
        elif prm == 1591:
            pass
        elif prm == 1592:
            pass
        elif prm == 1593:
            pass
        elif prm == 1594:
            pass
        elif prm == 1595:
            pass
        elif prm == 1596:
            pass
        elif prm == 1597:
            pass
        elif prm == 1598:
            pass
        elif prm == 1599:
            pass
        elif prm == 1600:
            pass
        elif prm == 1601:
            pass
        elif prm == 1602:
            pass
        elif prm == 1603:
            pass
        elif prm == 1604:
            pass
        elif prm == 1605:
            pass
        elif prm == 1606:
            pass
        elif prm == 1607:
            pass
        elif prm == 1608:
            pass
        elif prm == 1609:
            pass
        elif prm == 1610:
            pass
        elif prm == 1611:
            pass
        elif prm == 1612:
            pass
        elif prm == 1613:
            pass
        elif prm == 1614:
            pass
        elif prm == 1615:
            pass
        elif prm == 1616:
            pass
        elif prm == 1617:
            pass
        elif prm == 1618:
            pass
        elif prm == 1619:
            pass
        elif prm == 1620:
            pass
        elif prm == 1621:
            pass
        elif prm == 1622:
            pass
        elif prm == 1623:
            pass
        elif prm == 1624:
            pass
        elif prm == 1625:
            pass
        elif prm == 1626:
            pass
        elif prm == 1627:
            pass
        elif prm == 1628:
            pass
        elif prm == 1629:
            pass
        elif prm == 1630:
            pass
        elif prm == 1631:
            pass
        elif prm == 1632:
            pass
        elif prm == 1633:
            pass
        elif prm == 1634:
            pass
        elif prm == 1635:
            pass
        elif prm == 1636:
            pass
        elif prm == 1637:
            pass
        elif prm == 1638:
            pass
        elif prm == 1639:
            pass
        elif prm == 1640:
            pass
        elif prm == 1641:
            pass
        elif prm == 1642:
            pass
        elif prm == 1643:
            pass
        elif prm == 1644:
            pass
        elif prm == 1645:
            pass
        elif prm == 1646:
            pass
        elif prm == 1647:
            pass
        elif prm == 1648:
            pass
        elif prm == 1649:
            pass
        elif prm == 1650:
            pass
        elif prm == 1651:
            pass
        elif prm == 1652:
            pass
        elif prm == 1653:
            pass
        elif prm == 1654:
            pass
        elif prm == 1655:
            pass
        elif prm == 1656:
            pass
        elif prm == 1657:
            pass
        elif prm == 1658:
            pass
        elif prm == 1659:
            pass
        elif prm == 1660:
            pass
        elif prm == 1661:
            pass
        elif prm == 1662:
            pass
        elif prm == 1663:
            pass
        elif prm == 1664:
            pass
        elif prm == 1665:
            pass
        elif prm == 1666:
            pass
        elif prm == 1667:
            pass
        elif prm == 1668:
            pass
        elif prm == 1669:
            pass
        elif prm == 1670:
            pass
        elif prm == 1671:
            pass
        elif prm == 1672:
            pass
        elif prm == 1673:
            pass
        elif prm == 1674:
            pass
        elif prm == 1675:
            pass
        elif prm == 1676:
            pass
        elif prm == 1677:
            pass
        elif prm == 1678:
            pass
        elif prm == 1679:
            pass
        elif prm == 1680:
            pass
        elif prm == 1681:
            pass
        elif prm == 1682:
            pass
        elif prm == 1683:
            pass
        elif prm == 1684:
            pass
        elif prm == 1685:
            pass
        elif prm == 1686:
            pass
        elif prm == 1687:
            pass
        elif prm == 1688:
            pass
        elif prm == 1689:
            pass
        elif prm == 1690:
            pass
        elif prm == 1691:
            pass
        elif prm == 1692:
            pass
        elif prm == 1693:
            pass
        elif prm == 1694:
            pass
        elif prm == 1695:
            pass
        elif prm == 1696:
            pass
        elif prm == 1697:
            pass
        elif prm == 1698:
            pass
        elif prm == 1699:
            pass
        elif prm == 1700:
            pass
        elif prm == 1701:
            pass
        elif prm == 1702:
            pass
        elif prm == 1703:
            pass
        elif prm == 1704:
            pass
        elif prm == 1705:
            pass
        elif prm == 1706:
            pass
        elif prm == 1707:
            pass
        elif prm == 1708:
            pass
        elif prm == 1709:
            pass
        elif prm == 1710:
            pass
        elif prm == 1711:
            pass
        elif prm == 1712:
            pass
        elif prm == 1713:
            pass
        elif prm == 1714:
            pass
        elif prm == 1715:
            pass
        elif prm == 1716:
            pass
        elif prm == 1717:
            pass
        elif prm == 1718:
            pass
        elif prm == 1719:
            pass
        elif prm == 1720:
            pass
        elif prm == 1721:
            pass
        elif prm == 1722:
            pass
        elif prm == 1723:
            pass
        elif prm == 1724:
            pass
        elif prm == 1725:
            pass
        elif prm == 1726:
            pass
        elif prm == 1727:
            pass
        elif prm == 1728:
            pass
        elif prm == 1729:
            pass
        elif prm == 1730:
            pass
        elif prm == 1731:
            pass
        elif prm == 1732:
            pass
        elif prm == 1733:
            pass
        elif prm == 1734:
            pass
        elif prm == 1735:
            pass
        elif prm == 1736:
            pass
        elif prm == 1737:
            pass
        elif prm == 1738:
            pass
        elif prm == 1739:
            pass
        elif prm == 1740:
            pass
        elif prm == 1741:
            pass
        elif prm == 1742:
            pass
        elif prm == 1743:
            pass
        elif prm == 1744:
            pass
        elif prm == 1745:
            pass
        elif prm == 1746:
            pass
        elif prm == 1747:
            pass
        elif prm == 1748:
            pass
        elif prm == 1749:
            pass
        elif prm == 1750:
            pass
        elif prm == 1751:
            pass
        elif prm == 1752:
            pass
        elif prm == 1753:
            pass
        elif prm == 1754:
            pass
        elif prm == 1755:
            pass
        elif prm == 1756:
            pass
        elif prm == 1757:
            pass
        elif prm == 1758:
            pass
        elif prm == 1759:
            pass
        elif prm == 1760:
            pass
        elif prm == 1761:
            pass
        elif prm == 1762:
            pass
        elif prm == 1763:
            pass
        elif prm == 1764:
            pass
        elif prm == 1765:
            pass
        elif prm == 1766:
            pass
        elif prm == 1767:
            pass
        elif prm == 1768:
            pass
        elif prm == 1769:
            pass
        elif prm == 1770:
            pass
        elif prm == 1771:
            pass
        elif prm == 1772:
            pass
        elif prm == 1773:
            pass
        elif prm == 1774:
            pass
        elif prm == 1775:
            pass
        elif prm == 1776:
            pass
        elif prm == 1777:
            pass
        elif prm == 1778:
            pass
        elif prm == 1779:
            pass
        elif prm == 1780:
            pass
        elif prm == 1781:
            pass
        elif prm == 1782:
            pass
        elif prm == 1783:
            pass
        elif prm == 1784:
            pass
        elif prm == 1785:
            pass
        elif prm == 1786:
            pass
        elif prm == 1787:
            pass
        elif prm == 1788:
            pass
        elif prm == 1789:
            pass
        elif prm == 1790:
            pass
        elif prm == 1791:
            pass
        elif prm == 1792:
            pass
        elif prm == 1793:
            pass
        elif prm == 1794:
            pass
        elif prm == 1795:
            pass
        elif prm == 1796:
            pass
        elif prm == 1797:
            pass
        elif prm == 1798:
            pass
        elif prm == 1799:
            pass
        elif prm == 1800:
            pass
        elif prm == 1801:
            pass
        elif prm == 1802:
            pass
        elif prm == 1803:
            pass
        elif prm == 1804:
            pass
        elif prm == 1805:
            pass
        elif prm == 1806:
            pass
        elif prm == 1807:
            pass
        elif prm == 1808:
            pass
        elif prm == 1809:
            pass
        elif prm == 1810:
            pass
        elif prm == 1811:
            pass
        elif prm == 1812:
            pass
        elif prm == 1813:
            pass
        elif prm == 1814:
            pass
        elif prm == 1815:
            pass
        elif prm == 1816:
            pass
        elif prm == 1817:
            pass
        elif prm == 1818:
            pass
        elif prm == 1819:
            pass
        elif prm == 1820:
            pass
        elif prm == 1821:
            pass
        elif prm == 1822:
            pass
        elif prm == 1823:
            pass
        elif prm == 1824:
            pass
        elif prm == 1825:
            pass
        elif prm == 1826:
            pass
        elif prm == 1827:
            pass
        elif prm == 1828:
            pass
        elif prm == 1829:
            pass
        elif prm == 1830:
            pass
        elif prm == 1831:
            pass
        elif prm == 1832:
            pass
        elif prm == 1833:
            pass
        elif prm == 1834:
            pass
        elif prm == 1835:
            pass
        elif prm == 1836:
            pass
        elif prm == 1837:
            pass
        elif prm == 1838:
            pass
        elif prm == 1839:
            pass
        elif prm == 1840:
            pass
        elif prm == 1841:
            pass
        elif prm == 1842:
            pass
        elif prm == 1843:
            pass
        elif prm == 1844:
            pass
        elif prm == 1845:
            pass
        elif prm == 1846:
            pass
        elif prm == 1847:
            pass
        elif prm == 1848:
            pass
        elif prm == 1849:
            pass
        elif prm == 1850:
            pass
        elif prm == 1851:
            pass
        elif prm == 1852:
            pass
        elif prm == 1853:
            pass
        elif prm == 1854:
            pass
        elif prm == 1855:
            pass
        elif prm == 1856:
            pass
        elif prm == 1857:
            pass
        elif prm == 1858:
            pass
        elif prm == 1859:
            pass
        elif prm == 1860:
            pass
        elif prm == 1861:
            pass
        elif prm == 1862:
            pass
        elif prm == 1863:
            pass
        elif prm == 1864:
            pass
        elif prm == 1865:
            pass
        elif prm == 1866:
            pass
        elif prm == 1867:
            pass
        elif prm == 1868:
            pass
        elif prm == 1869:
            pass
        elif prm == 1870:
            pass
        elif prm == 1871:
            pass
        elif prm == 1872:
            pass
        elif prm == 1873:
            pass
        elif prm == 1874:
            pass
        elif prm == 1875:
            pass
        elif prm == 1876:
            pass
        elif prm == 1877:
            pass
        elif prm == 1878:
            pass
        elif prm == 1879:
            pass
        elif prm == 1880:
            pass
        elif prm == 1881:
            pass
        elif prm == 1882:
            pass
        elif prm == 1883:
            pass
        elif prm == 1884:
            pass
        elif prm == 1885:
            pass
        elif prm == 1886:
            pass
        elif prm == 1887:
            pass
        elif prm == 1888:
            pass
        elif prm == 1889:
            pass
        elif prm == 1890:
            pass
        elif prm == 1891:
            pass
        elif prm == 1892:
            pass
        elif prm == 1893:
            pass
        elif prm == 1894:
            pass
        elif prm == 1895:
            pass
        elif prm == 1896:
            pass
        elif prm == 1897:
            pass
        elif prm == 1898:
            pass
        elif prm == 1899:
            pass
        elif prm == 1900:
            pass
        elif prm == 1901:
            pass
        elif prm == 1902:
            pass
        elif prm == 1903:
            pass
        elif prm == 1904:
            pass
        elif prm == 1905:
            pass
        elif prm == 1906:
            pass
        elif prm == 1907:
            pass
        elif prm == 1908:
            pass
        elif prm == 1909:
            pass
        elif prm == 1910:
            pass
        elif prm == 1911:
            pass
        elif prm == 1912:
            pass
        elif prm == 1913:
            pass
        elif prm == 1914:
            pass
        elif prm == 1915:
            pass
        elif prm == 1916:
            pass
        elif prm == 1917:
            pass
        elif prm == 1918:
            pass
        elif prm == 1919:
            pass
        elif prm == 1920:
            pass
        elif prm == 1921:
            pass
        elif prm == 1922:
            pass
        elif prm == 1923:
            pass
        elif prm == 1924:
            pass
        elif prm == 1925:
            pass
        elif prm == 1926:
            pass
        elif prm == 1927:
            pass
        elif prm == 1928:
            pass
        elif prm == 1929:
            pass
        elif prm == 1930:
            pass
        elif prm == 1931:
            pass
        elif prm == 1932:
            pass
        elif prm == 1933:
            pass
        elif prm == 1934:
            pass
        elif prm == 1935:
            pass
        elif prm == 1936:
            pass
        elif prm == 1937:
            pass
        elif prm == 1938:
            pass
        elif prm == 1939:
            pass
        elif prm == 1940:
            pass
        elif prm == 1941:
            pass
        elif prm == 1942:
            pass
        elif prm == 1943:
            pass
        elif prm == 1944:
            pass
        elif prm == 1945:
            pass
        elif prm == 1946:
            pass
        elif prm == 1947:
            pass
        elif prm == 1948:
            pass
        elif prm == 1949:
            pass
        elif prm == 1950:
            pass
        elif prm == 1951:
            pass
        elif prm == 1952:
            pass
        elif prm == 1953:
            pass
        elif prm == 1954:
            pass
        elif prm == 1955:
            pass
        elif prm == 1956:
            pass
        elif prm == 1957:
            pass
        elif prm == 1958:
            pass
        elif prm == 1959:
            pass
        elif prm == 1960:
            pass
        elif prm == 1961:
            pass
        elif prm == 1962:
            pass
        elif prm == 1963:
            pass
        elif prm == 1964:
            pass
        elif prm == 1965:
            pass
        elif prm == 1966:
            pass
        elif prm == 1967:
            pass
        elif prm == 1968:
            pass
        elif prm == 1969:
            pass
        elif prm == 1970:
            pass
        elif prm == 1971:
            pass
        elif prm == 1972:
            pass
        elif prm == 1973:
            pass
        elif prm == 1974:
            pass
        elif prm == 1975:
            pass
        elif prm == 1976:
            pass
        elif prm == 1977:
            pass
        elif prm == 1978:
            pass
        elif prm == 1979:
            pass
        elif prm == 1980:
            pass
        elif prm == 1981:
            pass
        elif prm == 1982:
            pass
        elif prm == 1983:
            pass
        elif prm == 1984:
            pass
        elif prm == 1985:
            pass
        elif prm == 1986:
            pass
        elif prm == 1987:
            pass
        elif prm == 1988:
            pass
        elif prm == 1989:
            pass
        elif prm == 1990:
            pass
        elif prm == 1991:
            pass
        elif prm == 1992:
            pass
        elif prm == 1993:
            pass
        elif prm == 1994:
            pass
        elif prm == 1995:
            pass
        elif prm == 1996:
            pass
        elif prm == 1997:
            pass
        elif prm == 1998:
            pass
        elif prm == 1999:
            pass
        elif prm == 2000:
            pass
        elif prm == 2001:
            pass
        elif prm == 2002:
            pass
        elif prm == 2003:
            pass
        elif prm == 2004:
            pass
        elif prm == 2005:
            pass
        elif prm == 2006:
            pass
        elif prm == 2007:
            pass
        elif prm == 2008:
            pass
        elif prm == 2009:
            pass
        elif prm == 2010:
            pass
        elif prm == 2011:
            pass
        elif prm == 2012:
            pass
        elif prm == 2013:
            pass
        elif prm == 2014:
            pass
        elif prm == 2015:
            pass
        elif prm == 2016:
            pass
        elif prm == 2017:
            pass
        elif prm == 2018:
            pass
        elif prm == 2019:
            pass
        elif prm == 2020:
            pass
        elif prm == 2021:
            pass
        elif prm == 2022:
            pass
        elif prm == 2023:
            pass
        elif prm == 2024:
            pass
        elif prm == 2025:
            pass
        elif prm == 2026:
            pass
        elif prm == 2027:
            pass
        elif prm == 2028:
            pass
        elif prm == 2029:
            pass
        elif prm == 2030:
            pass
        elif prm == 2031:
            pass
        elif prm == 2032:
            pass
        elif prm == 2033:
            pass
        elif prm == 2034:
            pass
        elif prm == 2035:
            pass
        elif prm == 2036:
            pass
        elif prm == 2037:
            pass
        elif prm == 2038:
            pass
        elif prm == 2039:
            pass
        elif prm == 2040:
            pass
        elif prm == 2041:
            pass
        elif prm == 2042:
            pass
        elif prm == 2043:
            pass
        elif prm == 2044:
            pass
        elif prm == 2045:
            pass
        elif prm == 2046:
            pass
        elif prm == 2047:
            pass
        elif prm == 2048:
            pass
        elif prm == 2049:
            pass
        elif prm == 2050:
            pass
        elif prm == 2051:
            pass
        elif prm == 2052:
            pass
        elif prm == 2053:
            pass
        elif prm == 2054:
            pass
        elif prm == 2055:
            pass
        elif prm == 2056:
            pass
        elif prm == 2057:
            pass
        elif prm == 2058:
            pass
        elif prm == 2059:
            pass
        elif prm == 2060:
            pass
        elif prm == 2061:
            pass
        elif prm == 2062:
            pass
        elif prm == 2063:
            pass
        elif prm == 2064:
            pass
        elif prm == 2065:
            pass
        elif prm == 2066:
            pass
        elif prm == 2067:
            pass
        elif prm == 2068:
            pass
        elif prm == 2069:
            pass
        elif prm == 2070:
            pass
        elif prm == 2071:
            pass
        elif prm == 2072:
            pass
        elif prm == 2073:
            pass
        elif prm == 2074:
            pass
        elif prm == 2075:
            pass
        elif prm == 2076:
            pass
        elif prm == 2077:
            pass
        elif prm == 2078:
            pass
        elif prm == 2079:
            pass
        elif prm == 2080:
            pass
        elif prm == 2081:
            pass
        elif prm == 2082:
            pass
        elif prm == 2083:
            pass
        elif prm == 2084:
            pass
        elif prm == 2085:
            pass
        elif prm == 2086:
            pass
        elif prm == 2087:
            pass
        elif prm == 2088:
            pass
        elif prm == 2089:
            pass
        elif prm == 2090:
            pass
        elif prm == 2091:
            pass
        elif prm == 2092:
            pass
        elif prm == 2093:
            pass
        elif prm == 2094:
            pass
        elif prm == 2095:
            pass
        elif prm == 2096:
            pass
        elif prm == 2097:
            pass
        elif prm == 2098:
            pass
        elif prm == 2099:
            pass
        elif prm == 2100:
            pass
        elif prm == 2101:
            pass
        elif prm == 2102:
            pass
        elif prm == 2103:
            pass
        elif prm == 2104:
            pass
        elif prm == 2105:
            pass
        elif prm == 2106:
            pass
        elif prm == 2107:
            pass
        elif prm == 2108:
            pass
        elif prm == 2109:
            pass
        elif prm == 2110:
            pass
        elif prm == 2111:
            pass
        elif prm == 2112:
            pass
        elif prm == 2113:
            pass
        elif prm == 2114:
            pass
        elif prm == 2115:
            pass
        elif prm == 2116:
            pass
        elif prm == 2117:
            pass
        elif prm == 2118:
            pass
        elif prm == 2119:
            pass
        elif prm == 2120:
            pass
        elif prm == 2121:
            pass
        elif prm == 2122:
            pass
        elif prm == 2123:
            pass
        elif prm == 2124:
            pass
        elif prm == 2125:
            pass
        elif prm == 2126:
            pass
        elif prm == 2127:
            pass
        elif prm == 2128:
            pass
        elif prm == 2129:
            pass
        elif prm == 2130:
            pass
        elif prm == 2131:
            pass
        elif prm == 2132:
            pass
        elif prm == 2133:
            pass
        elif prm == 2134:
            pass
        elif prm == 2135:
            pass
        elif prm == 2136:
            pass
        elif prm == 2137:
            pass
        elif prm == 2138:
            pass
        elif prm == 2139:
            pass
        elif prm == 2140:
            pass
        elif prm == 2141:
            pass
        elif prm == 2142:
            pass
        elif prm == 2143:
            pass
        elif prm == 2144:
            pass
        elif prm == 2145:
            pass
        elif prm == 2146:
            pass
        elif prm == 2147:
            pass
        elif prm == 2148:
            pass
        elif prm == 2149:
            pass
        elif prm == 2150:
            pass
        elif prm == 2151:
            pass
        elif prm == 2152:
            pass
        elif prm == 2153:
            pass
        elif prm == 2154:
            pass
        elif prm == 2155:
            pass
        elif prm == 2156:
            pass
        elif prm == 2157:
            pass
        elif prm == 2158:
            pass
        elif prm == 2159:
            pass
        elif prm == 2160:
            pass
        elif prm == 2161:
            pass
        elif prm == 2162:
            pass
        elif prm == 2163:
            pass
        elif prm == 2164:
            pass
        elif prm == 2165:
            pass
        elif prm == 2166:
            pass
        elif prm == 2167:
            pass
        elif prm == 2168:
            pass
        elif prm == 2169:
            pass
        elif prm == 2170:
            pass
        elif prm == 2171:
            pass
        elif prm == 2172:
            pass
        elif prm == 2173:
            pass
        elif prm == 2174:
            pass
        elif prm == 2175:
            pass
        elif prm == 2176:
            pass
        elif prm == 2177:
            pass
        elif prm == 2178:
            pass
        elif prm == 2179:
            pass
        elif prm == 2180:
            pass
        elif prm == 2181:
            pass
        elif prm == 2182:
            pass
        elif prm == 2183:
            pass
        elif prm == 2184:
            pass
        elif prm == 2185:
            pass
        elif prm == 2186:
            pass
        elif prm == 2187:
            pass
        elif prm == 2188:
            pass
        elif prm == 2189:
            pass
        elif prm == 2190:
            pass
        elif prm == 2191:
            pass
        elif prm == 2192:
            pass
        elif prm == 2193:
            pass
        elif prm == 2194:
            pass
        elif prm == 2195:
            pass
        elif prm == 2196:
            pass
        elif prm == 2197:
            pass
        elif prm == 2198:
            pass
        elif prm == 2199:
            pass
        elif prm == 2200:
            pass
        elif prm == 2201:
            pass
        elif prm == 2202:
            pass
        elif prm == 2203:
            pass
        elif prm == 2204:
            pass
        elif prm == 2205:
            pass
        elif prm == 2206:
            pass
        elif prm == 2207:
            pass
        elif prm == 2208:
            pass
        elif prm == 2209:
            pass
        elif prm == 2210:
            pass
        elif prm == 2211:
            pass
        elif prm == 2212:
            pass
        elif prm == 2213:
            pass
        elif prm == 2214:
            pass
        elif prm == 2215:
            pass
        elif prm == 2216:
            pass
        elif prm == 2217:
            pass
        elif prm == 2218:
            pass
        elif prm == 2219:
            pass
        elif prm == 2220:
            pass
        elif prm == 2221:
            pass
        elif prm == 2222:
            pass
        elif prm == 2223:
            pass
        elif prm == 2224:
            pass
        elif prm == 2225:
            pass
        elif prm == 2226:
            pass
        elif prm == 2227:
            pass
        elif prm == 2228:
            pass
        elif prm == 2229:
            pass
        elif prm == 2230:
            pass
        elif prm == 2231:
            pass
        elif prm == 2232:
            pass
        elif prm == 2233:
            pass
        elif prm == 2234:
            pass
        elif prm == 2235:
            pass
        elif prm == 2236:
            pass
        elif prm == 2237:
            pass
        elif prm == 2238:
            pass
        elif prm == 2239:
            pass
        elif prm == 2240:
            pass
        elif prm == 2241:
            pass
        elif prm == 2242:
            pass
        elif prm == 2243:
            pass
        elif prm == 2244:
            pass
        elif prm == 2245:
            pass
        elif prm == 2246:
            pass
        elif prm == 2247:
            pass
        elif prm == 2248:
            pass
        elif prm == 2249:
            pass
        elif prm == 2250:
            pass
        elif prm == 2251:
            pass
        elif prm == 2252:
            pass
        elif prm == 2253:
            pass
        elif prm == 2254:
            pass
        elif prm == 2255:
            pass
        elif prm == 2256:
            pass
        elif prm == 2257:
            pass
        elif prm == 2258:
            pass
        elif prm == 2259:
            pass
        elif prm == 2260:
            pass
        elif prm == 2261:
            pass
        elif prm == 2262:
            pass
        elif prm == 2263:
            pass
        elif prm == 2264:
            pass
        elif prm == 2265:
            pass
        elif prm == 2266:
            pass
        elif prm == 2267:
            pass
        elif prm == 2268:
            pass
        elif prm == 2269:
            pass
        elif prm == 2270:
            pass
        elif prm == 2271:
            pass
        elif prm == 2272:
            pass
        elif prm == 2273:
            pass
        elif prm == 2274:
            pass
        elif prm == 2275:
            pass
        elif prm == 2276:
            pass
        elif prm == 2277:
            pass
        elif prm == 2278:
            pass
        elif prm == 2279:
            pass
        elif prm == 2280:
            pass
        elif prm == 2281:
            pass
        elif prm == 2282:
            pass
        elif prm == 2283:
            pass
        elif prm == 2284:
            pass
        elif prm == 2285:
            pass
        elif prm == 2286:
            pass
        elif prm == 2287:
            pass
        elif prm == 2288:
            pass
        elif prm == 2289:
            pass
        elif prm == 2290:
            pass
        elif prm == 2291:
            pass
        elif prm == 2292:
            pass
        elif prm == 2293:
            pass
        elif prm == 2294:
            pass
        elif prm == 2295:
            pass
        elif prm == 2296:
            pass
        elif prm == 2297:
            pass
        elif prm == 2298:
            pass
        elif prm == 2299:
            pass
        elif prm == 2300:
            pass
        elif prm == 2301:
            pass
        elif prm == 2302:
            pass
        elif prm == 2303:
            pass
        elif prm == 2304:
            pass
        elif prm == 2305:
            pass
        elif prm == 2306:
            pass
        elif prm == 2307:
            pass
        elif prm == 2308:
            pass
        elif prm == 2309:
            pass
        elif prm == 2310:
            pass
        elif prm == 2311:
            pass
        elif prm == 2312:
            pass
        elif prm == 2313:
            pass
        elif prm == 2314:
            pass
        elif prm == 2315:
            pass
        elif prm == 2316:
            pass
        elif prm == 2317:
            pass
        elif prm == 2318:
            pass
        elif prm == 2319:
            pass
        elif prm == 2320:
            pass
        elif prm == 2321:
            pass
        elif prm == 2322:
            pass
        elif prm == 2323:
            pass
        elif prm == 2324:
            pass
        elif prm == 2325:
            pass
        elif prm == 2326:
            pass
        elif prm == 2327:
            pass
        elif prm == 2328:
            pass
        elif prm == 2329:
            pass
        elif prm == 2330:
            pass
        elif prm == 2331:
            pass
        elif prm == 2332:
            pass
        elif prm == 2333:
            pass
        elif prm == 2334:
            pass
        elif prm == 2335:
            pass
        elif prm == 2336:
            pass
        elif prm == 2337:
            pass
        elif prm == 2338:
            pass
        elif prm == 2339:
            pass
        elif prm == 2340:
            pass
        elif prm == 2341:
            pass
        elif prm == 2342:
            pass
        elif prm == 2343:
            pass
        elif prm == 2344:
            pass
        elif prm == 2345:
            pass
        elif prm == 2346:
            pass
        elif prm == 2347:
            pass
        elif prm == 2348:
            pass
        elif prm == 2349:
            pass
        elif prm == 2350:
            pass
        elif prm == 2351:
            pass
        elif prm == 2352:
            pass
        elif prm == 2353:
            pass
        elif prm == 2354:
            pass
        elif prm == 2355:
            pass
        elif prm == 2356:
            pass
        elif prm == 2357:
            pass
        elif prm == 2358:
            pass
        elif prm == 2359:
            pass
        elif prm == 2360:
            pass
        elif prm == 2361:
            pass
        elif prm == 2362:
            pass
        elif prm == 2363:
            pass
        elif prm == 2364:
            pass
        elif prm == 2365:
            pass
        elif prm == 2366:
            pass
        elif prm == 2367:
            pass
        elif prm == 2368:
            pass
        elif prm == 2369:
            pass
        elif prm == 2370:
            pass
        elif prm == 2371:
            pass
        elif prm == 2372:
            pass
        elif prm == 2373:
            pass
        elif prm == 2374:
            pass
        elif prm == 2375:
            pass
        elif prm == 2376:
            pass
        elif prm == 2377:
            pass
        elif prm == 2378:
            pass
        elif prm == 2379:
            pass
        elif prm == 2380:
            pass
        elif prm == 2381:
            pass
        elif prm == 2382:
            pass
        elif prm == 2383:
            pass
        elif prm == 2384:
            pass
        elif prm == 2385:
            pass
        elif prm == 2386:
            pass
        elif prm == 2387:
            pass
        elif prm == 2388:
            pass
        elif prm == 2389:
            pass
        elif prm == 2390:
            pass
        elif prm == 2391:
            pass
        elif prm == 2392:
            pass
        elif prm == 2393:
            pass
        elif prm == 2394:
            pass
        elif prm == 2395:
            pass
        elif prm == 2396:
            pass
        elif prm == 2397:
            pass
        elif prm == 2398:
            pass
        elif prm == 2399:
            pass
        elif prm == 2400:
            pass
        elif prm == 2401:
            pass
        elif prm == 2402:
            pass
        elif prm == 2403:
            pass
        elif prm == 2404:
            pass
        elif prm == 2405:
            pass
        elif prm == 2406:
            pass
        elif prm == 2407:
            pass
        elif prm == 2408:
            pass
        elif prm == 2409:
            pass
        elif prm == 2410:
            pass
        elif prm == 2411:
            pass
        elif prm == 2412:
            pass
        elif prm == 2413:
            pass
        elif prm == 2414:
            pass
        elif prm == 2415:
            pass
        elif prm == 2416:
            pass
        elif prm == 2417:
            pass
        elif prm == 2418:
            pass
        elif prm == 2419:
            pass
        elif prm == 2420:
            pass
        elif prm == 2421:
            pass
        elif prm == 2422:
            pass
        elif prm == 2423:
            pass
        elif prm == 2424:
            pass
        elif prm == 2425:
            pass
        elif prm == 2426:
            pass
        elif prm == 2427:
            pass
        elif prm == 2428:
            pass
        elif prm == 2429:
            pass
        elif prm == 2430:
            pass
        elif prm == 2431:
            pass
        elif prm == 2432:
            pass
        elif prm == 2433:
            pass
        elif prm == 2434:
            pass
        elif prm == 2435:
            pass
        elif prm == 2436:
            pass
        elif prm == 2437:
            pass
        elif prm == 2438:
            pass
        elif prm == 2439:
            pass
        elif prm == 2440:
            pass
        elif prm == 2441:
            pass
        elif prm == 2442:
            pass
        elif prm == 2443:
            pass
        elif prm == 2444:
            pass
        elif prm == 2445:
            pass
        elif prm == 2446:
            pass
        elif prm == 2447:
            pass
        elif prm == 2448:
            pass
        elif prm == 2449:
            pass
        elif prm == 2450:
            pass
        elif prm == 2451:
            pass
        elif prm == 2452:
            pass
        elif prm == 2453:
            pass
        elif prm == 2454:
            pass
        elif prm == 2455:
            pass
        elif prm == 2456:
            pass
        elif prm == 2457:
            pass
        elif prm == 2458:
            pass
        elif prm == 2459:
            pass
        elif prm == 2460:
            pass
        elif prm == 2461:
            pass
        elif prm == 2462:
            pass
        elif prm == 2463:
            pass
        elif prm == 2464:
            pass
        elif prm == 2465:
            pass
        elif prm == 2466:
            pass
        elif prm == 2467:
            pass
        elif prm == 2468:
            pass
        elif prm == 2469:
            pass
        elif prm == 2470:
            pass
        elif prm == 2471:
            pass
        elif prm == 2472:
            pass
        elif prm == 2473:
            pass
        elif prm == 2474:
            pass
        elif prm == 2475:
            pass
        elif prm == 2476:
            pass
        elif prm == 2477:
            pass
        elif prm == 2478:
            pass
        elif prm == 2479:
            pass
        elif prm == 2480:
            pass
        elif prm == 2481:
            pass
        elif prm == 2482:
            pass
        elif prm == 2483:
            pass
        elif prm == 2484:
            pass
        elif prm == 2485:
            pass
        elif prm == 2486:
            pass
        elif prm == 2487:
            pass
        elif prm == 2488:
            pass
        elif prm == 2489:
            pass
        elif prm == 2490:
            pass
        elif prm == 2491:
            pass
        elif prm == 2492:
            pass
        elif prm == 2493:
            pass
        elif prm == 2494:
            pass
        elif prm == 2495:
            pass
        elif prm == 2496:
            pass
        elif prm == 2497:
            pass
        elif prm == 2498:
            pass
        elif prm == 2499:
            pass
        elif prm == 2500:
            pass
        elif prm == 2501:
            pass
        elif prm == 2502:
            pass
        elif prm == 2503:
            pass
        elif prm == 2504:
            pass
        elif prm == 2505:
            pass
        elif prm == 2506:
            pass
        elif prm == 2507:
            pass
        elif prm == 2508:
            pass
        elif prm == 2509:
            pass
        elif prm == 2510:
            pass
        elif prm == 2511:
            pass
        elif prm == 2512:
            pass
        elif prm == 2513:
            pass
        elif prm == 2514:
            pass
        elif prm == 2515:
            pass
        elif prm == 2516:
            pass
        elif prm == 2517:
            pass
        elif prm == 2518:
            pass
        elif prm == 2519:
            pass
        elif prm == 2520:
            pass
        elif prm == 2521:
            pass
        elif prm == 2522:
            pass
        elif prm == 2523:
            pass
        elif prm == 2524:
            pass
        elif prm == 2525:
            pass
        elif prm == 2526:
            pass
        elif prm == 2527:
            pass
        elif prm == 2528:
            pass
        elif prm == 2529:
            pass
        elif prm == 2530:
            pass
        elif prm == 2531:
            pass
        elif prm == 2532:
            pass
        elif prm == 2533:
            pass
        elif prm == 2534:
            pass
        elif prm == 2535:
            pass
        elif prm == 2536:
            pass
        elif prm == 2537:
            pass
        elif prm == 2538:
            pass
        elif prm == 2539:
            pass
        elif prm == 2540:
            pass
        elif prm == 2541:
            pass
        elif prm == 2542:
            pass
        elif prm == 2543:
            pass
        elif prm == 2544:
            pass
        elif prm == 2545:
            pass
        elif prm == 2546:
            pass
        elif prm == 2547:
            pass
        elif prm == 2548:
            pass
        elif prm == 2549:
            pass
        elif prm == 2550:
            pass
        elif prm == 2551:
            pass
        elif prm == 2552:
            pass
        elif prm == 2553:
            pass
        elif prm == 2554:
            pass
        elif prm == 2555:
            pass
        elif prm == 2556:
            pass
        elif prm == 2557:
            pass
        elif prm == 2558:
            pass
        elif prm == 2559:
            pass
        elif prm == 2560:
            pass
        elif prm == 2561:
            pass
        elif prm == 2562:
            pass
        elif prm == 2563:
            pass
        elif prm == 2564:
            pass
        elif prm == 2565:
            pass
        elif prm == 2566:
            pass
        elif prm == 2567:
            pass
        elif prm == 2568:
            pass
        elif prm == 2569:
            pass
        elif prm == 2570:
            pass
        elif prm == 2571:
            pass
        elif prm == 2572:
            pass
        elif prm == 2573:
            pass
        elif prm == 2574:
            pass
        elif prm == 2575:
            pass
        elif prm == 2576:
            pass
        elif prm == 2577:
            pass
        elif prm == 2578:
            pass
        elif prm == 2579:
            pass
        elif prm == 2580:
            pass
        elif prm == 2581:
            pass
        elif prm == 2582:
            pass
        elif prm == 2583:
            pass
        elif prm == 2584:
            pass
        elif prm == 2585:
            pass
        elif prm == 2586:
            pass
        elif prm == 2587:
            pass
        elif prm == 2588:
            pass
        elif prm == 2589:
            pass
        elif prm == 2590:
            pass
        elif prm == 2591:
            pass
        elif prm == 2592:
            pass
        elif prm == 2593:
            pass
        elif prm == 2594:
            pass
        elif prm == 2595:
            pass
        elif prm == 2596:
            pass
        elif prm == 2597:
            pass
        elif prm == 2598:
            pass
        elif prm == 2599:
            pass
        elif prm == 2600:
            pass
        elif prm == 2601:
            pass
        elif prm == 2602:
            pass
        elif prm == 2603:
            pass
        elif prm == 2604:
            pass
        elif prm == 2605:
            pass
        elif prm == 2606:
            pass
        elif prm == 2607:
            pass
        elif prm == 2608:
            pass
        elif prm == 2609:
            pass
        elif prm == 2610:
            pass
        elif prm == 2611:
            pass
        elif prm == 2612:
            pass
        elif prm == 2613:
            pass
        elif prm == 2614:
            pass
        elif prm == 2615:
            pass
        elif prm == 2616:
            pass
        elif prm == 2617:
            pass
        elif prm == 2618:
            pass
        elif prm == 2619:
            pass
        elif prm == 2620:
            pass
        elif prm == 2621:
            pass
        elif prm == 2622:
            pass
        elif prm == 2623:
            pass
        elif prm == 2624:
            pass
        elif prm == 2625:
            pass
        elif prm == 2626:
            pass
        elif prm == 2627:
            pass
        elif prm == 2628:
            pass
        elif prm == 2629:
            pass
        elif prm == 2630:
            pass
        elif prm == 2631:
            pass
        elif prm == 2632:
            pass
        elif prm == 2633:
            pass
        elif prm == 2634:
            pass
        elif prm == 2635:
            pass
        elif prm == 2636:
            pass
        elif prm == 2637:
            pass
        elif prm == 2638:
            pass
        elif prm == 2639:
            pass
        elif prm == 2640:
            pass
        elif prm == 2641:
            pass
        elif prm == 2642:
            pass
        elif prm == 2643:
            pass
        elif prm == 2644:
            pass
        elif prm == 2645:
            pass
        elif prm == 2646:
            pass
        elif prm == 2647:
            pass
        elif prm == 2648:
            pass
        elif prm == 2649:
            pass
        elif prm == 2650:
            pass
        elif prm == 2651:
            pass
        elif prm == 2652:
            pass
        elif prm == 2653:
            pass
        elif prm == 2654:
            pass
        elif prm == 2655:
            pass
        elif prm == 2656:
            pass
        elif prm == 2657:
            pass
        elif prm == 2658:
            pass
        elif prm == 2659:
            pass
        elif prm == 2660:
            pass
        elif prm == 2661:
            pass
        elif prm == 2662:
            pass
        elif prm == 2663:
            pass
        elif prm == 2664:
            pass
        elif prm == 2665:
            pass
        elif prm == 2666:
            pass
        elif prm == 2667:
            pass
        elif prm == 2668:
            pass
        elif prm == 2669:
            pass
        elif prm == 2670:
            pass
        elif prm == 2671:
            pass
        elif prm == 2672:
            pass
        elif prm == 2673:
            pass
        elif prm == 2674:
            pass
        elif prm == 2675:
            pass
        elif prm == 2676:
            pass
        elif prm == 2677:
            pass
        elif prm == 2678:
            pass
        elif prm == 2679:
            pass
        elif prm == 2680:
            pass
        elif prm == 2681:
            pass
        elif prm == 2682:
            pass
        elif prm == 2683:
            pass
        elif prm == 2684:
            pass
        elif prm == 2685:
            pass
        elif prm == 2686:
            pass
        elif prm == 2687:
            pass
        elif prm == 2688:
            pass
        elif prm == 2689:
            pass
        elif prm == 2690:
            pass
        elif prm == 2691:
            pass
        elif prm == 2692:
            pass
        elif prm == 2693:
            pass
        elif prm == 2694:
            pass
        elif prm == 2695:
            pass
        elif prm == 2696:
            pass
        elif prm == 2697:
            pass
        elif prm == 2698:
            pass
        elif prm == 2699:
            pass
        elif prm == 2700:
            pass
        elif prm == 2701:
            pass
        elif prm == 2702:
            pass
        elif prm == 2703:
            pass
        elif prm == 2704:
            pass
        elif prm == 2705:
            pass
        elif prm == 2706:
            pass
        elif prm == 2707:
            pass
        elif prm == 2708:
            pass
        elif prm == 2709:
            pass
        elif prm == 2710:
            pass
        elif prm == 2711:
            pass
        elif prm == 2712:
            pass
        elif prm == 2713:
            pass
        elif prm == 2714:
            pass
        elif prm == 2715:
            pass
        elif prm == 2716:
            pass
        elif prm == 2717:
            pass
        elif prm == 2718:
            pass
        elif prm == 2719:
            pass
        elif prm == 2720:
            pass
        elif prm == 2721:
            pass
        elif prm == 2722:
            pass
        elif prm == 2723:
            pass
        elif prm == 2724:
            pass
        elif prm == 2725:
            pass
        elif prm == 2726:
            pass
        elif prm == 2727:
            pass
        elif prm == 2728:
            pass
        elif prm == 2729:
            pass
        elif prm == 2730:
            pass
        elif prm == 2731:
            pass
        elif prm == 2732:
            pass
        elif prm == 2733:
            pass
        elif prm == 2734:
            pass
        elif prm == 2735:
            pass
        elif prm == 2736:
            pass
        elif prm == 2737:
            pass
        elif prm == 2738:
            pass
        elif prm == 2739:
            pass
        elif prm == 2740:
            pass
        elif prm == 2741:
            pass
        elif prm == 2742:
            pass
        elif prm == 2743:
            pass
        elif prm == 2744:
            pass
        elif prm == 2745:
            pass
        elif prm == 2746:
            pass
        elif prm == 2747:
            pass
        elif prm == 2748:
            pass
        elif prm == 2749:
            pass
        elif prm == 2750:
            pass
        elif prm == 2751:
            pass
        elif prm == 2752:
            pass
        elif prm == 2753:
            pass
        elif prm == 2754:
            pass
        elif prm == 2755:
            pass
        elif prm == 2756:
            pass
        elif prm == 2757:
            pass
        elif prm == 2758:
            pass
        elif prm == 2759:
            pass
        elif prm == 2760:
            pass
        elif prm == 2761:
            pass
        elif prm == 2762:
            pass
        elif prm == 2763:
            pass
        elif prm == 2764:
            pass
        elif prm == 2765:
            pass
        elif prm == 2766:
            pass
        elif prm == 2767:
            pass
        elif prm == 2768:
            pass
        elif prm == 2769:
            pass
        elif prm == 2770:
            pass
        elif prm == 2771:
            pass
        elif prm == 2772:
            pass
        elif prm == 2773:
            pass
        elif prm == 2774:
            pass
        elif prm == 2775:
            pass
        elif prm == 2776:
            pass
        elif prm == 2777:
            pass
        elif prm == 2778:
            pass
        elif prm == 2779:
            pass
        elif prm == 2780:
            pass
        elif prm == 2781:
            pass
        elif prm == 2782:
            pass
        elif prm == 2783:
            pass
        elif prm == 2784:
            pass
        elif prm == 2785:
            pass
        elif prm == 2786:
            pass
        elif prm == 2787:
            pass
        elif prm == 2788:
            pass
        elif prm == 2789:
            pass
        elif prm == 2790:
            pass
        elif prm == 2791:
            pass
        elif prm == 2792:
            pass
        elif prm == 2793:
            pass
        elif prm == 2794:
            pass
        elif prm == 2795:
            pass
        elif prm == 2796:
            pass
        elif prm == 2797:
            pass
        elif prm == 2798:
            pass
        elif prm == 2799:
            pass
        elif prm == 2800:
            pass
        elif prm == 2801:
            pass
        elif prm == 2802:
            pass
        elif prm == 2803:
            pass
        elif prm == 2804:
            pass
        elif prm == 2805:
            pass
        elif prm == 2806:
            pass
        elif prm == 2807:
            pass
        elif prm == 2808:
            pass
        elif prm == 2809:
            pass
        elif prm == 2810:
            pass
        elif prm == 2811:
            pass
        elif prm == 2812:
            pass
        elif prm == 2813:
            pass
        elif prm == 2814:
            pass
        elif prm == 2815:
            pass
        elif prm == 2816:
            pass
        elif prm == 2817:
            pass
        elif prm == 2818:
            pass
        elif prm == 2819:
            pass
        elif prm == 2820:
            pass
        elif prm == 2821:
            pass
        elif prm == 2822:
            pass
        elif prm == 2823:
            pass
        elif prm == 2824:
            pass
        elif prm == 2825:
            pass
        elif prm == 2826:
            pass
        elif prm == 2827:
            pass
        elif prm == 2828:
            pass
        elif prm == 2829:
            pass
        elif prm == 2830:
            pass
        elif prm == 2831:
            pass
        elif prm == 2832:
            pass
        elif prm == 2833:
            pass
        elif prm == 2834:
            pass
        elif prm == 2835:
            pass
        elif prm == 2836:
            pass
        elif prm == 2837:
            pass
        elif prm == 2838:
            pass
        elif prm == 2839:
            pass
        elif prm == 2840:
            pass
        elif prm == 2841:
            pass
        elif prm == 2842:
            pass
        elif prm == 2843:
            pass
        elif prm == 2844:
            pass
        elif prm == 2845:
            pass
        elif prm == 2846:
            pass
        elif prm == 2847:
            pass
        elif prm == 2848:
            pass
        elif prm == 2849:
            pass
        elif prm == 2850:
            pass
        elif prm == 2851:
            pass
        elif prm == 2852:
            pass
        elif prm == 2853:
            pass
        elif prm == 2854:
            pass
        elif prm == 2855:
            pass
        elif prm == 2856:
            pass
        elif prm == 2857:
            pass
        elif prm == 2858:
            pass
        elif prm == 2859:
            pass
        elif prm == 2860:
            pass
        elif prm == 2861:
            pass
        elif prm == 2862:
            pass
        elif prm == 2863:
            pass
        elif prm == 2864:
            pass
        elif prm == 2865:
            pass
        elif prm == 2866:
            pass
        elif prm == 2867:
            pass
        elif prm == 2868:
            pass
        elif prm == 2869:
            pass
        elif prm == 2870:
            pass
        elif prm == 2871:
            pass
        elif prm == 2872:
            pass
        elif prm == 2873:
            pass
        elif prm == 2874:
            pass
        elif prm == 2875:
            pass
        elif prm == 2876:
            pass
        elif prm == 2877:
            pass
        elif prm == 2878:
            pass
        elif prm == 2879:
            pass
        elif prm == 2880:
            pass
        elif prm == 2881:
            pass
        elif prm == 2882:
            pass
        elif prm == 2883:
            pass
        elif prm == 2884:
            pass
        elif prm == 2885:
            pass
        elif prm == 2886:
            pass
        elif prm == 2887:
            pass
        elif prm == 2888:
            pass
        elif prm == 2889:
            pass
        elif prm == 2890:
            pass
        elif prm == 2891:
            pass
        elif prm == 2892:
            pass
        elif prm == 2893:
            pass
        elif prm == 2894:
            pass
        elif prm == 2895:
            pass
        elif prm == 2896:
            pass
        elif prm == 2897:
            pass
        elif prm == 2898:
            pass
        elif prm == 2899:
            pass
        elif prm == 2900:
            pass
        elif prm == 2901:
            pass
        elif prm == 2902:
            pass
        elif prm == 2903:
            pass
        elif prm == 2904:
            pass
        elif prm == 2905:
            pass
        elif prm == 2906:
            pass
        elif prm == 2907:
            pass
        elif prm == 2908:
            pass
        elif prm == 2909:
            pass
        elif prm == 2910:
            pass
        elif prm == 2911:
            pass
        elif prm == 2912:
            pass
        elif prm == 2913:
            pass
        elif prm == 2914:
            pass
        elif prm == 2915:
            pass
        elif prm == 2916:
            pass
        elif prm == 2917:
            pass
        elif prm == 2918:
            pass
        elif prm == 2919:
            pass
        elif prm == 2920:
            pass
        elif prm == 2921:
            pass
        elif prm == 2922:
            pass
        elif prm == 2923:
            pass
        elif prm == 2924:
            pass
        elif prm == 2925:
            pass
        elif prm == 2926:
            pass
        elif prm == 2927:
            pass
        elif prm == 2928:
            pass
        elif prm == 2929:
            pass
        elif prm == 2930:
            pass
        elif prm == 2931:
            pass
        elif prm == 2932:
            pass
        elif prm == 2933:
            pass
        elif prm == 2934:
            pass
        elif prm == 2935:
            pass
        elif prm == 2936:
            pass
        elif prm == 2937:
            pass
        elif prm == 2938:
            pass
        elif prm == 2939:
            pass
        elif prm == 2940:
            pass
        elif prm == 2941:
            pass
        elif prm == 2942:
            pass
        elif prm == 2943:
            pass
        elif prm == 2944:
            pass
        elif prm == 2945:
            pass
        elif prm == 2946:
            pass
        elif prm == 2947:
            pass
        elif prm == 2948:
            pass
        elif prm == 2949:
            pass
        elif prm == 2950:
            pass
        elif prm == 2951:
            pass
        elif prm == 2952:
            pass
        elif prm == 2953:
            pass
        elif prm == 2954:
            pass
        elif prm == 2955:
            pass
        elif prm == 2956:
            pass
        elif prm == 2957:
            pass
        elif prm == 2958:
            pass
        elif prm == 2959:
            pass
        elif prm == 2960:
            pass
        elif prm == 2961:
            pass
        elif prm == 2962:
            pass
        elif prm == 2963:
            pass
        elif prm == 2964:
            pass
        elif prm == 2965:
            pass
        elif prm == 2966:
            pass
        elif prm == 2967:
            pass
        elif prm == 2968:
            pass
        elif prm == 2969:
            pass
        elif prm == 2970:
            pass
        elif prm == 2971:
            pass
        elif prm == 2972:
            pass
        elif prm == 2973:
            pass
        elif prm == 2974:
            pass
        elif prm == 2975:
            pass
        elif prm == 2976:
            pass
        elif prm == 2977:
            pass
        elif prm == 2978:
            pass
        elif prm == 2979:
            pass
        elif prm == 2980:
            pass
        elif prm == 2981:
            pass
        elif prm == 2982:
            pass
        elif prm == 2983:
            pass
        elif prm == 2984:
            pass
        elif prm == 2985:
            pass
        elif prm == 2986:
            pass
        elif prm == 2987:
            pass
        elif prm == 2988:
            pass
        elif prm == 2989:
            pass
        elif prm == 2990:
            pass
        elif prm == 2991:
            pass
        elif prm == 2992:
            pass
        elif prm == 2993:
            pass
        elif prm == 2994:
            pass
        elif prm == 2995:
            pass
        elif prm == 2996:
            pass
        elif prm == 2997:
            pass
        elif prm == 2998:
            pass
        elif prm == 2999:
            pass
        elif prm == 3000:
            pass
        elif prm == 3001:
            pass
        elif prm == 3002:
            pass
        elif prm == 3003:
            pass
        elif prm == 3004:
            pass
        elif prm == 3005:
            pass
        elif prm == 3006:
            pass
        elif prm == 3007:
            pass
        elif prm == 3008:
            pass
        elif prm == 3009:
            pass
        elif prm == 3010:
            pass
        elif prm == 3011:
            pass
        elif prm == 3012:
            pass
        elif prm == 3013:
            pass
        elif prm == 3014:
            pass
        elif prm == 3015:
            pass
        elif prm == 3016:
            pass
        elif prm == 3017:
            pass
        elif prm == 3018:
            pass
        elif prm == 3019:
            pass
        elif prm == 3020:
            pass
        elif prm == 3021:
            pass
        elif prm == 3022:
            pass
        elif prm == 3023:
            pass
        elif prm == 3024:
            pass
        elif prm == 3025:
            pass
        elif prm == 3026:
            pass
        elif prm == 3027:
            pass
        elif prm == 3028:
            pass
        elif prm == 3029:
            pass
        elif prm == 3030:
            pass
        elif prm == 3031:
            pass
        elif prm == 3032:
            pass
        elif prm == 3033:
            pass
        elif prm == 3034:
            pass
        elif prm == 3035:
            pass
        elif prm == 3036:
            pass
        elif prm == 3037:
            pass
        elif prm == 3038:
            pass
        elif prm == 3039:
            pass
        elif prm == 3040:
            pass
        elif prm == 3041:
            pass
        elif prm == 3042:
            pass
        elif prm == 3043:
            pass
        elif prm == 3044:
            pass
        elif prm == 3045:
            pass
        elif prm == 3046:
            pass
        elif prm == 3047:
            pass
        elif prm == 3048:
            pass
        elif prm == 3049:
            pass
        elif prm == 3050:
            pass
        elif prm == 3051:
            pass
        elif prm == 3052:
            pass
        elif prm == 3053:
            pass
        elif prm == 3054:
            pass
        elif prm == 3055:
            pass
        elif prm == 3056:
            pass
        elif prm == 3057:
            pass
        elif prm == 3058:
            pass
        elif prm == 3059:
            pass
        elif prm == 3060:
            pass
        elif prm == 3061:
            pass
        elif prm == 3062:
            pass
        elif prm == 3063:
            pass
        elif prm == 3064:
            pass
        elif prm == 3065:
            pass
        elif prm == 3066:
            pass
        elif prm == 3067:
            pass
        elif prm == 3068:
            pass
        elif prm == 3069:
            pass
        elif prm == 3070:
            pass
        elif prm == 3071:
            pass
        elif prm == 3072:
            pass
        elif prm == 3073:
            pass
        elif prm == 3074:
            pass
        elif prm == 3075:
            pass
        elif prm == 3076:
            pass
        elif prm == 3077:
            pass
        elif prm == 3078:
            pass
        elif prm == 3079:
            pass
        elif prm == 3080:
            pass
        elif prm == 3081:
            pass
        elif prm == 3082:
            pass
        elif prm == 3083:
            pass
        elif prm == 3084:
            pass
        elif prm == 3085:
            pass
        elif prm == 3086:
            pass
        elif prm == 3087:
            pass
        elif prm == 3088:
            pass
        elif prm == 3089:
            pass
        elif prm == 3090:
            pass
        elif prm == 3091:
            pass
        elif prm == 3092:
            pass
        elif prm == 3093:
            pass
        elif prm == 3094:
            pass
        elif prm == 3095:
            pass
        elif prm == 3096:
            pass
        elif prm == 3097:
            pass
        elif prm == 3098:
            pass
        elif prm == 3099:
            pass
        elif prm == 3100:
            pass
        elif prm == 3101:
            pass
        elif prm == 3102:
            pass
        elif prm == 3103:
            pass
        elif prm == 3104:
            pass
        elif prm == 3105:
            pass
        elif prm == 3106:
            pass
        elif prm == 3107:
            pass
        elif prm == 3108:
            pass
        elif prm == 3109:
            pass
        elif prm == 3110:
            pass
        elif prm == 3111:
            pass
        elif prm == 3112:
            pass
        elif prm == 3113:
            pass
        elif prm == 3114:
            pass
        elif prm == 3115:
            pass
        elif prm == 3116:
            pass
        elif prm == 3117:
            pass
        elif prm == 3118:
            pass
        elif prm == 3119:
            pass
        elif prm == 3120:
            pass
        elif prm == 3121:
            pass
        elif prm == 3122:
            pass
        elif prm == 3123:
            pass
        elif prm == 3124:
            pass
        elif prm == 3125:
            pass
        elif prm == 3126:
            pass
        elif prm == 3127:
            pass
        elif prm == 3128:
            pass
        elif prm == 3129:
            pass
        elif prm == 3130:
            pass
        elif prm == 3131:
            pass
        elif prm == 3132:
            pass
        elif prm == 3133:
            pass
        elif prm == 3134:
            pass
        elif prm == 3135:
            pass
        elif prm == 3136:
            pass
        elif prm == 3137:
            pass
        elif prm == 3138:
            pass
        elif prm == 3139:
            pass
        elif prm == 3140:
            pass
        elif prm == 3141:
            pass
        elif prm == 3142:
            pass
        elif prm == 3143:
            pass
        elif prm == 3144:
            pass
        elif prm == 3145:
            pass
        elif prm == 3146:
            pass
        elif prm == 3147:
            pass
        elif prm == 3148:
            pass
        elif prm == 3149:
            pass
        elif prm == 3150:
            pass
        elif prm == 3151:
            pass
        elif prm == 3152:
            pass
        elif prm == 3153:
            pass
        elif prm == 3154:
            pass
        elif prm == 3155:
            pass
        elif prm == 3156:
            pass
        elif prm == 3157:
            pass
        elif prm == 3158:
            pass
        elif prm == 3159:
            pass
        elif prm == 3160:
            pass
        elif prm == 3161:
            pass
        elif prm == 3162:
            pass
        elif prm == 3163:
            pass
        elif prm == 3164:
            pass
        elif prm == 3165:
            pass
        elif prm == 3166:
            pass
        elif prm == 3167:
            pass
        elif prm == 3168:
            pass
        elif prm == 3169:
            pass
        elif prm == 3170:
            pass
        elif prm == 3171:
            pass
        elif prm == 3172:
            pass
        elif prm == 3173:
            pass
        elif prm == 3174:
            pass
        elif prm == 3175:
            pass
        elif prm == 3176:
            pass
        elif prm == 3177:
            pass
        elif prm == 3178:
            pass
        elif prm == 3179:
            pass
        elif prm == 3180:
            pass
        elif prm == 3181:
            pass
        elif prm == 3182:
            pass
        elif prm == 3183:
            pass
        elif prm == 3184:
            pass
        elif prm == 3185:
            pass
        elif prm == 3186:
            pass
        elif prm == 3187:
            pass
        elif prm == 3188:
            pass
        elif prm == 3189:
            pass
        elif prm == 3190:
            pass
        elif prm == 3191:
            pass
        elif prm == 3192:
            pass
        elif prm == 3193:
            pass
        elif prm == 3194:
            pass
        elif prm == 3195:
            pass
        elif prm == 3196:
            pass
        elif prm == 3197:
            pass
        elif prm == 3198:
            pass
        elif prm == 3199:
            pass
        elif prm == 3200:
            pass
        elif prm == 3201:
            pass
        elif prm == 3202:
            pass
        elif prm == 3203:
            pass
        elif prm == 3204:
            pass
        elif prm == 3205:
            pass
        elif prm == 3206:
            pass
        elif prm == 3207:
            pass
        elif prm == 3208:
            pass
        elif prm == 3209:
            pass
        elif prm == 3210:
            pass
        elif prm == 3211:
            pass
        elif prm == 3212:
            pass
        elif prm == 3213:
            pass
        elif prm == 3214:
            pass
        elif prm == 3215:
            pass
        elif prm == 3216:
            pass
        elif prm == 3217:
            pass
        elif prm == 3218:
            pass
        elif prm == 3219:
            pass
        elif prm == 3220:
            pass
        elif prm == 3221:
            pass
        elif prm == 3222:
            pass
        elif prm == 3223:
            pass
        elif prm == 3224:
            pass
        elif prm == 3225:
            pass
        elif prm == 3226:
            pass
        elif prm == 3227:
            pass
        elif prm == 3228:
            pass
        elif prm == 3229:
            pass
        elif prm == 3230:
            pass
        elif prm == 3231:
            pass
        elif prm == 3232:
            pass
        elif prm == 3233:
            pass
        elif prm == 3234:
            pass
        elif prm == 3235:
            pass
        elif prm == 3236:
            pass
        elif prm == 3237:
            pass
        elif prm == 3238:
            pass
        elif prm == 3239:
            pass
        elif prm == 3240:
            pass
        elif prm == 3241:
            pass
        elif prm == 3242:
            pass
        elif prm == 3243:
            pass
        elif prm == 3244:
            pass
        elif prm == 3245:
            pass
        elif prm == 3246:
            pass
        elif prm == 3247:
            pass
        elif prm == 3248:
            pass
        elif prm == 3249:
            pass
        elif prm == 3250:
            pass
        elif prm == 3251:
            pass
        elif prm == 3252:
            pass
        elif prm == 3253:
            pass
        elif prm == 3254:
            pass
        elif prm == 3255:
            pass
        elif prm == 3256:
            pass
        elif prm == 3257:
            pass
        elif prm == 3258:
            pass
        elif prm == 3259:
            pass
        elif prm == 3260:
            pass
        elif prm == 3261:
            pass
        elif prm == 3262:
            pass
        elif prm == 3263:
            pass
        elif prm == 3264:
            pass
        elif prm == 3265:
            pass
        elif prm == 3266:
            pass
        elif prm == 3267:
            pass
        elif prm == 3268:
            pass
        elif prm == 3269:
            pass
        elif prm == 3270:
            pass
        elif prm == 3271:
            pass
        elif prm == 3272:
            pass
        elif prm == 3273:
            pass
        elif prm == 3274:
            pass
        elif prm == 3275:
            pass
        elif prm == 3276:
            pass
        elif prm == 3277:
            pass
        elif prm == 3278:
            pass
        elif prm == 3279:
            pass
        elif prm == 3280:
            pass
        elif prm == 3281:
            pass
        elif prm == 3282:
            pass
        elif prm == 3283:
            pass
        elif prm == 3284:
            pass
        elif prm == 3285:
            pass
        elif prm == 3286:
            pass
        elif prm == 3287:
            pass
        elif prm == 3288:
            pass
        elif prm == 3289:
            pass
        elif prm == 3290:
            pass
        elif prm == 3291:
            pass
        elif prm == 3292:
            pass
        elif prm == 3293:
            pass
        elif prm == 3294:
            pass
        elif prm == 3295:
            pass
        elif prm == 3296:
            pass
        elif prm == 3297:
            pass
        elif prm == 3298:
            pass
        elif prm == 3299:
            pass
        elif prm == 3300:
            pass
        elif prm == 3301:
            pass
        elif prm == 3302:
            pass
        elif prm == 3303:
            pass
        elif prm == 3304:
            pass
        elif prm == 3305:
            pass
        elif prm == 3306:
            pass
        elif prm == 3307:
            pass
        elif prm == 3308:
            pass
        elif prm == 3309:
            pass
        elif prm == 3310:
            pass
        elif prm == 3311:
            pass
        elif prm == 3312:
            pass
        elif prm == 3313:
            pass
        elif prm == 3314:
            pass
        elif prm == 3315:
            pass
        elif prm == 3316:
            pass
        elif prm == 3317:
            pass
        elif prm == 3318:
            pass
        elif prm == 3319:
            pass
        elif prm == 3320:
            pass
        elif prm == 3321:
            pass
        elif prm == 3322:
            pass
        elif prm == 3323:
            pass
        elif prm == 3324:
            pass
        elif prm == 3325:
            pass
        elif prm == 3326:
            pass
        elif prm == 3327:
            pass
        elif prm == 3328:
            pass
        elif prm == 3329:
            pass
        elif prm == 3330:
            pass
        elif prm == 3331:
            pass
        elif prm == 3332:
            pass
        elif prm == 3333:
            pass
        elif prm == 3334:
            pass
        elif prm == 3335:
            pass
        elif prm == 3336:
            pass
        elif prm == 3337:
            pass
        elif prm == 3338:
            pass
        elif prm == 3339:
            pass
        elif prm == 3340:
            pass
        elif prm == 3341:
            pass
        elif prm == 3342:
            pass
        elif prm == 3343:
            pass
        elif prm == 3344:
            pass
        elif prm == 3345:
            pass
        elif prm == 3346:
            pass
        elif prm == 3347:
            pass
        elif prm == 3348:
            pass
        elif prm == 3349:
            pass
        elif prm == 3350:
            pass
        elif prm == 3351:
            pass
        elif prm == 3352:
            pass
        elif prm == 3353:
            pass
        elif prm == 3354:
            pass
        elif prm == 3355:
            pass
        elif prm == 3356:
            pass
        elif prm == 3357:
            pass
        elif prm == 3358:
            pass
        elif prm == 3359:
            pass
        elif prm == 3360:
            pass
        elif prm == 3361:
            pass
        elif prm == 3362:
            pass
        elif prm == 3363:
            pass
        elif prm == 3364:
            pass
        elif prm == 3365:
            pass
        elif prm == 3366:
            pass
        elif prm == 3367:
            pass
        elif prm == 3368:
            pass
        elif prm == 3369:
            pass
        elif prm == 3370:
            pass
        elif prm == 3371:
            pass
        elif prm == 3372:
            pass
        elif prm == 3373:
            pass
        elif prm == 3374:
            pass
        elif prm == 3375:
            pass
        elif prm == 3376:
            pass
        elif prm == 3377:
            pass
        elif prm == 3378:
            pass
        elif prm == 3379:
            pass
        elif prm == 3380:
            pass
        elif prm == 3381:
            pass
        elif prm == 3382:
            pass
        elif prm == 3383:
            pass
        elif prm == 3384:
            pass
        elif prm == 3385:
            pass
        elif prm == 3386:
            pass
        elif prm == 3387:
            pass
        elif prm == 3388:
            pass
        elif prm == 3389:
            pass
        elif prm == 3390:
            pass
        elif prm == 3391:
            pass
        elif prm == 3392:
            pass
        elif prm == 3393:
            pass
        elif prm == 3394:
            pass
        elif prm == 3395:
            pass
        elif prm == 3396:
            pass
        elif prm == 3397:
            pass
        elif prm == 3398:
            pass
        elif prm == 3399:
            pass
        elif prm == 3400:
            pass
        elif prm == 3401:
            pass
        elif prm == 3402:
            pass
        elif prm == 3403:
            pass
        elif prm == 3404:
            pass
        elif prm == 3405:
            pass
        elif prm == 3406:
            pass
        elif prm == 3407:
            pass
        elif prm == 3408:
            pass
        elif prm == 3409:
            pass
        elif prm == 3410:
            pass
        elif prm == 3411:
            pass
        elif prm == 3412:
            pass
        elif prm == 3413:
            pass
        elif prm == 3414:
            pass
        elif prm == 3415:
            pass
        elif prm == 3416:
            pass
        elif prm == 3417:
            pass
        elif prm == 3418:
            pass
        elif prm == 3419:
            pass
        elif prm == 3420:
            pass
        elif prm == 3421:
            pass
        elif prm == 3422:
            pass
        elif prm == 3423:
            pass
        elif prm == 3424:
            pass
        elif prm == 3425:
            pass
        elif prm == 3426:
            pass
        elif prm == 3427:
            pass
        elif prm == 3428:
            pass
        elif prm == 3429:
            pass
        elif prm == 3430:
            pass
        elif prm == 3431:
            pass
        elif prm == 3432:
            pass
        elif prm == 3433:
            pass
        elif prm == 3434:
            pass
        elif prm == 3435:
            pass
        elif prm == 3436:
            pass
        elif prm == 3437:
            pass
        elif prm == 3438:
            pass
        elif prm == 3439:
            pass
        elif prm == 3440:
            pass
        elif prm == 3441:
            pass
        elif prm == 3442:
            pass
        elif prm == 3443:
            pass
        elif prm == 3444:
            pass
        elif prm == 3445:
            pass
        elif prm == 3446:
            pass
        elif prm == 3447:
            pass
        elif prm == 3448:
            pass
        elif prm == 3449:
            pass
        elif prm == 3450:
            pass
        elif prm == 3451:
            pass
        elif prm == 3452:
            pass
        elif prm == 3453:
            pass
        elif prm == 3454:
            pass
        elif prm == 3455:
            pass
        elif prm == 3456:
            pass
        elif prm == 3457:
            pass
        elif prm == 3458:
            pass
        elif prm == 3459:
            pass
        elif prm == 3460:
            pass
        elif prm == 3461:
            pass
        elif prm == 3462:
            pass
        elif prm == 3463:
            pass
        elif prm == 3464:
            pass
        elif prm == 3465:
            pass
        elif prm == 3466:
            pass
        elif prm == 3467:
            pass
        elif prm == 3468:
            pass
        elif prm == 3469:
            pass
        elif prm == 3470:
            pass
        elif prm == 3471:
            pass
        elif prm == 3472:
            pass
        elif prm == 3473:
            pass
        elif prm == 3474:
            pass
        elif prm == 3475:
            pass
        elif prm == 3476:
            pass
        elif prm == 3477:
            pass
        elif prm == 3478:
            pass
        elif prm == 3479:
            pass
        elif prm == 3480:
            pass
        elif prm == 3481:
            pass
        elif prm == 3482:
            pass
        elif prm == 3483:
            pass
        elif prm == 3484:
            pass
        elif prm == 3485:
            pass
        elif prm == 3486:
            pass
        elif prm == 3487:
            pass
        elif prm == 3488:
            pass
        elif prm == 3489:
            pass
        elif prm == 3490:
            pass
        elif prm == 3491:
            pass
        elif prm == 3492:
            pass
        elif prm == 3493:
            pass
        elif prm == 3494:
            pass
        elif prm == 3495:
            pass
        elif prm == 3496:
            pass
        elif prm == 3497:
            pass
        elif prm == 3498:
            pass
        elif prm == 3499:
            pass
        elif prm == 3500:
            pass
        elif prm == 3501:
            pass
        elif prm == 3502:
            pass
        elif prm == 3503:
            pass
        elif prm == 3504:
            pass
        elif prm == 3505:
            pass
        elif prm == 3506:
            pass
        elif prm == 3507:
            pass
        elif prm == 3508:
            pass
        elif prm == 3509:
            pass
        elif prm == 3510:
            pass
        elif prm == 3511:
            pass
        elif prm == 3512:
            pass
        elif prm == 3513:
            pass
        elif prm == 3514:
            pass
        elif prm == 3515:
            pass
        elif prm == 3516:
            pass
        elif prm == 3517:
            pass
        elif prm == 3518:
            pass
        elif prm == 3519:
            pass
        elif prm == 3520:
            pass
        elif prm == 3521:
            pass
        elif prm == 3522:
            pass
        elif prm == 3523:
            pass
        elif prm == 3524:
            pass
        elif prm == 3525:
            pass
        elif prm == 3526:
            pass
        elif prm == 3527:
            pass
        elif prm == 3528:
            pass
        elif prm == 3529:
            pass
        elif prm == 3530:
            pass
        elif prm == 3531:
            pass
        elif prm == 3532:
            pass
        elif prm == 3533:
            pass
        elif prm == 3534:
            pass
        elif prm == 3535:
            pass
        elif prm == 3536:
            pass
        elif prm == 3537:
            pass
        elif prm == 3538:
            pass
        elif prm == 3539:
            pass
        elif prm == 3540:
            pass
        elif prm == 3541:
            pass
        elif prm == 3542:
            pass
        elif prm == 3543:
            pass
        elif prm == 3544:
            pass
        elif prm == 3545:
            pass
        elif prm == 3546:
            pass
        elif prm == 3547:
            pass
        elif prm == 3548:
            pass
        elif prm == 3549:
            pass
        elif prm == 3550:
            pass
        elif prm == 3551:
            pass
        elif prm == 3552:
            pass
        elif prm == 3553:
            pass
        elif prm == 3554:
            pass
        elif prm == 3555:
            pass
        elif prm == 3556:
            pass
        elif prm == 3557:
            pass
        elif prm == 3558:
            pass
        elif prm == 3559:
            pass
        elif prm == 3560:
            pass
        elif prm == 3561:
            pass
        elif prm == 3562:
            pass
        elif prm == 3563:
            pass
        elif prm == 3564:
            pass
        elif prm == 3565:
            pass
        elif prm == 3566:
            pass
        elif prm == 3567:
            pass
        elif prm == 3568:
            pass
        elif prm == 3569:
            pass
        elif prm == 3570:
            pass
        elif prm == 3571:
            pass
        elif prm == 3572:
            pass
        elif prm == 3573:
            pass
        elif prm == 3574:
            pass
        elif prm == 3575:
            pass
        elif prm == 3576:
            pass
        elif prm == 3577:
            pass
        elif prm == 3578:
            pass
        elif prm == 3579:
            pass
        elif prm == 3580:
            pass
        elif prm == 3581:
            pass
        elif prm == 3582:
            pass
        elif prm == 3583:
            pass
        elif prm == 3584:
            pass
        elif prm == 3585:
            pass
        elif prm == 3586:
            pass
        elif prm == 3587:
            pass
        elif prm == 3588:
            pass
        elif prm == 3589:
            pass
        elif prm == 3590:
            pass
        elif prm == 3591:
            pass
        elif prm == 3592:
            pass
        elif prm == 3593:
            pass
        elif prm == 3594:
            pass
        elif prm == 3595:
            pass
        elif prm == 3596:
            pass
        elif prm == 3597:
            pass
        elif prm == 3598:
            pass
        elif prm == 3599:
            pass
        elif prm == 3600:
            pass
        elif prm == 3601:
            pass
        elif prm == 3602:
            pass
        elif prm == 3603:
            pass
        elif prm == 3604:
            pass
        elif prm == 3605:
            pass
        elif prm == 3606:
            pass
        elif prm == 3607:
            pass
        elif prm == 3608:
            pass
        elif prm == 3609:
            pass
        elif prm == 3610:
            pass
        elif prm == 3611:
            pass
        elif prm == 3612:
            pass
        elif prm == 3613:
            pass
        elif prm == 3614:
            pass
        elif prm == 3615:
            pass
        elif prm == 3616:
            pass
        elif prm == 3617:
            pass
        elif prm == 3618:
            pass
        elif prm == 3619:
            pass
        elif prm == 3620:
            pass
        elif prm == 3621:
            pass
        elif prm == 3622:
            pass
        elif prm == 3623:
            pass
        elif prm == 3624:
            pass
        elif prm == 3625:
            pass
        elif prm == 3626:
            pass
        elif prm == 3627:
            pass
        elif prm == 3628:
            pass
        elif prm == 3629:
            pass
        elif prm == 3630:
            pass
        elif prm == 3631:
            pass
        elif prm == 3632:
            pass
        elif prm == 3633:
            pass
        elif prm == 3634:
            pass
        elif prm == 3635:
            pass
        elif prm == 3636:
            pass
        elif prm == 3637:
            pass
        elif prm == 3638:
            pass
        elif prm == 3639:
            pass
        elif prm == 3640:
            pass
        elif prm == 3641:
            pass
        elif prm == 3642:
            pass
        elif prm == 3643:
            pass
        elif prm == 3644:
            pass
        elif prm == 3645:
            pass
        elif prm == 3646:
            pass
        elif prm == 3647:
            pass
        elif prm == 3648:
            pass
        elif prm == 3649:
            pass
        elif prm == 3650:
            pass
        elif prm == 3651:
            pass
        elif prm == 3652:
            pass
        elif prm == 3653:
            pass
        elif prm == 3654:
            pass
        elif prm == 3655:
            pass
        elif prm == 3656:
            pass
        elif prm == 3657:
            pass
        elif prm == 3658:
            pass
        elif prm == 3659:
            pass
        elif prm == 3660:
            pass
        elif prm == 3661:
            pass
        elif prm == 3662:
            pass
        elif prm == 3663:
            pass
        elif prm == 3664:
            pass
        elif prm == 3665:
            pass
        elif prm == 3666:
            pass
        elif prm == 3667:
            pass
        elif prm == 3668:
            pass
        elif prm == 3669:
            pass
        elif prm == 3670:
            pass
        elif prm == 3671:
            pass
        elif prm == 3672:
            pass
        elif prm == 3673:
            pass
        elif prm == 3674:
            pass
        elif prm == 3675:
            pass
        elif prm == 3676:
            pass
        elif prm == 3677:
            pass
        elif prm == 3678:
            pass
        elif prm == 3679:
            pass
        elif prm == 3680:
            pass
        elif prm == 3681:
            pass
        elif prm == 3682:
            pass
        elif prm == 3683:
            pass
        elif prm == 3684:
            pass
        elif prm == 3685:
            pass
        elif prm == 3686:
            pass
        elif prm == 3687:
            pass
        elif prm == 3688:
            pass
        elif prm == 3689:
            pass
        elif prm == 3690:
            pass
        elif prm == 3691:
            pass
        elif prm == 3692:
            pass
        elif prm == 3693:
            pass
        elif prm == 3694:
            pass
        elif prm == 3695:
            pass
        elif prm == 3696:
            pass
        elif prm == 3697:
            pass
        elif prm == 3698:
            pass
        elif prm == 3699:
            pass
        elif prm == 3700:
            pass
        elif prm == 3701:
            pass
        elif prm == 3702:
            pass
        elif prm == 3703:
            pass
        elif prm == 3704:
            pass
        elif prm == 3705:
            pass
        elif prm == 3706:
            pass
        elif prm == 3707:
            pass
        elif prm == 3708:
            pass
        elif prm == 3709:
            pass
        elif prm == 3710:
            pass
        elif prm == 3711:
            pass
        elif prm == 3712:
            pass
        elif prm == 3713:
            pass
        elif prm == 3714:
            pass
        elif prm == 3715:
            pass
        elif prm == 3716:
            pass
        elif prm == 3717:
            pass
        elif prm == 3718:
            pass
        elif prm == 3719:
            pass
        elif prm == 3720:
            pass
        elif prm == 3721:
            pass
        elif prm == 3722:
            pass
        elif prm == 3723:
            pass
        elif prm == 3724:
            pass
        elif prm == 3725:
            pass
        elif prm == 3726:
            pass
        elif prm == 3727:
            pass
        elif prm == 3728:
            pass
        elif prm == 3729:
            pass
        elif prm == 3730:
            pass
        elif prm == 3731:
            pass
        elif prm == 3732:
            pass
        elif prm == 3733:
            pass
        elif prm == 3734:
            pass
        elif prm == 3735:
            pass
        elif prm == 3736:
            pass
        elif prm == 3737:
            pass
        elif prm == 3738:
            pass
        elif prm == 3739:
            pass
        elif prm == 3740:
            pass
        elif prm == 3741:
            pass
        elif prm == 3742:
            pass
        elif prm == 3743:
            pass
        elif prm == 3744:
            pass
        elif prm == 3745:
            pass
        elif prm == 3746:
            pass
        elif prm == 3747:
            pass
        elif prm == 3748:
            pass
        elif prm == 3749:
            pass
        elif prm == 3750:
            pass
        elif prm == 3751:
            pass
        elif prm == 3752:
            pass
        elif prm == 3753:
            pass
        elif prm == 3754:
            pass
        elif prm == 3755:
            pass
        elif prm == 3756:
            pass
        elif prm == 3757:
            pass
        elif prm == 3758:
            pass
        elif prm == 3759:
            pass
        elif prm == 3760:
            pass
        elif prm == 3761:
            pass
        elif prm == 3762:
            pass
        elif prm == 3763:
            pass
        elif prm == 3764:
            pass
        elif prm == 3765:
            pass
        elif prm == 3766:
            pass
        elif prm == 3767:
            pass
        elif prm == 3768:
            pass
        elif prm == 3769:
            pass
        elif prm == 3770:
            pass
        elif prm == 3771:
            pass
        elif prm == 3772:
            pass
        elif prm == 3773:
            pass
        elif prm == 3774:
            pass
        elif prm == 3775:
            pass
        elif prm == 3776:
            pass
        elif prm == 3777:
            pass
        elif prm == 3778:
            pass
        elif prm == 3779:
            pass
        elif prm == 3780:
            pass
        elif prm == 3781:
            pass
        elif prm == 3782:
            pass
        elif prm == 3783:
            pass
        elif prm == 3784:
            pass
        elif prm == 3785:
            pass
        elif prm == 3786:
            pass
        elif prm == 3787:
            pass
        elif prm == 3788:
            pass
        elif prm == 3789:
            pass
        elif prm == 3790:
            pass
        elif prm == 3791:
            pass
        elif prm == 3792:
            pass
        elif prm == 3793:
            pass
        elif prm == 3794:
            pass
        elif prm == 3795:
            pass
        elif prm == 3796:
            pass
        elif prm == 3797:
            pass
        elif prm == 3798:
            pass
        elif prm == 3799:
            pass
        elif prm == 3800:
            pass
        elif prm == 3801:
            pass
        elif prm == 3802:
            pass
        elif prm == 3803:
            pass
        elif prm == 3804:
            pass
        elif prm == 3805:
            pass
        elif prm == 3806:
            pass
        elif prm == 3807:
            pass
        elif prm == 3808:
            pass
        elif prm == 3809:
            pass
        elif prm == 3810:
            pass
        elif prm == 3811:
            pass
        elif prm == 3812:
            pass
        elif prm == 3813:
            pass
        elif prm == 3814:
            pass
        elif prm == 3815:
            pass
        elif prm == 3816:
            pass
        elif prm == 3817:
            pass
        elif prm == 3818:
            pass
        elif prm == 3819:
            pass
        elif prm == 3820:
            pass
        elif prm == 3821:
            pass
        elif prm == 3822:
            pass
        elif prm == 3823:
            pass
        elif prm == 3824:
            pass
        elif prm == 3825:
            pass
        elif prm == 3826:
            pass
        elif prm == 3827:
            pass
        elif prm == 3828:
            pass
        elif prm == 3829:
            pass
        elif prm == 3830:
            pass
        elif prm == 3831:
            pass
        elif prm == 3832:
            pass
        elif prm == 3833:
            pass
        elif prm == 3834:
            pass
        elif prm == 3835:
            pass
        elif prm == 3836:
            pass
        elif prm == 3837:
            pass
        elif prm == 3838:
            pass
        elif prm == 3839:
            pass
        elif prm == 3840:
            pass
        elif prm == 3841:
            pass
        elif prm == 3842:
            pass
        elif prm == 3843:
            pass
        elif prm == 3844:
            pass
        elif prm == 3845:
            pass
        elif prm == 3846:
            pass
        elif prm == 3847:
            pass
        elif prm == 3848:
            pass
        elif prm == 3849:
            pass
        elif prm == 3850:
            pass
        elif prm == 3851:
            pass
        elif prm == 3852:
            pass
        elif prm == 3853:
            pass
        elif prm == 3854:
            pass
        elif prm == 3855:
            pass
        elif prm == 3856:
            pass
        elif prm == 3857:
            pass
        elif prm == 3858:
            pass
        elif prm == 3859:
            pass
        elif prm == 3860:
            pass
        elif prm == 3861:
            pass
        elif prm == 3862:
            pass
        elif prm == 3863:
            pass
        elif prm == 3864:
            pass
        elif prm == 3865:
            pass
        elif prm == 3866:
            pass
        elif prm == 3867:
            pass
        elif prm == 3868:
            pass
        elif prm == 3869:
            pass
        elif prm == 3870:
            pass
        elif prm == 3871:
            pass
        elif prm == 3872:
            pass
        elif prm == 3873:
            pass
        elif prm == 3874:
            pass
        elif prm == 3875:
            pass
        elif prm == 3876:
            pass
        elif prm == 3877:
            pass
        elif prm == 3878:
            pass
        elif prm == 3879:
            pass
        elif prm == 3880:
            pass
        elif prm == 3881:
            pass
        elif prm == 3882:
            pass
        elif prm == 3883:
            pass
        elif prm == 3884:
            pass
        elif prm == 3885:
            pass
        elif prm == 3886:
            pass
        elif prm == 3887:
            pass
        elif prm == 3888:
            pass
        elif prm == 3889:
            pass
        elif prm == 3890:
            pass
        elif prm == 3891:
            pass
        elif prm == 3892:
            pass
        elif prm == 3893:
            pass
        elif prm == 3894:
            pass
        elif prm == 3895:
            pass
        elif prm == 3896:
            pass
        elif prm == 3897:
            pass
        elif prm == 3898:
            pass
        elif prm == 3899:
            pass
        elif prm == 3900:
            pass
        elif prm == 3901:
            pass
        elif prm == 3902:
            pass
        elif prm == 3903:
            pass
        elif prm == 3904:
            pass
        elif prm == 3905:
            pass
        elif prm == 3906:
            pass
        elif prm == 3907:
            pass
        elif prm == 3908:
            pass
        elif prm == 3909:
            pass
        elif prm == 3910:
            pass
        elif prm == 3911:
            pass
        elif prm == 3912:
            pass
        elif prm == 3913:
            pass
        elif prm == 3914:
            pass
        elif prm == 3915:
            pass
        elif prm == 3916:
            pass
        elif prm == 3917:
            pass
        elif prm == 3918:
            pass
        elif prm == 3919:
            pass
        elif prm == 3920:
            pass
        elif prm == 3921:
            pass
        elif prm == 3922:
            pass
        elif prm == 3923:
            pass
        elif prm == 3924:
            pass
        elif prm == 3925:
            pass
        elif prm == 3926:
            pass
        elif prm == 3927:
            pass
        elif prm == 3928:
            pass
        elif prm == 3929:
            pass
        elif prm == 3930:
            pass
        elif prm == 3931:
            pass
        elif prm == 3932:
            pass
        elif prm == 3933:
            pass
        elif prm == 3934:
            pass
        elif prm == 3935:
            pass
        elif prm == 3936:
            pass
        elif prm == 3937:
            pass
        elif prm == 3938:
            pass
        elif prm == 3939:
            pass
        elif prm == 3940:
            pass
        elif prm == 3941:
            pass
        elif prm == 3942:
            pass
        elif prm == 3943:
            pass
        elif prm == 3944:
            pass
        elif prm == 3945:
            pass
        elif prm == 3946:
            pass
        elif prm == 3947:
            pass
        elif prm == 3948:
            pass
        elif prm == 3949:
            pass
        elif prm == 3950:
            pass
        elif prm == 3951:
            pass
        elif prm == 3952:
            pass
        elif prm == 3953:
            pass
        elif prm == 3954:
            pass
        elif prm == 3955:
            pass
        elif prm == 3956:
            pass
        elif prm == 3957:
            pass
        elif prm == 3958:
            pass
        elif prm == 3959:
            pass
        elif prm == 3960:
            pass
        elif prm == 3961:
            pass
        elif prm == 3962:
            pass
        elif prm == 3963:
            pass
        elif prm == 3964:
            pass
        elif prm == 3965:
            pass
        elif prm == 3966:
            pass
        elif prm == 3967:
            pass
        elif prm == 3968:
            pass
        elif prm == 3969:
            pass
        elif prm == 3970:
            pass
        elif prm == 3971:
            pass
        elif prm == 3972:
            pass
        elif prm == 3973:
            pass
        elif prm == 3974:
            pass
        elif prm == 3975:
            pass
        elif prm == 3976:
            pass
        elif prm == 3977:
            pass
        elif prm == 3978:
            pass
        elif prm == 3979:
            pass
        elif prm == 3980:
            pass
        elif prm == 3981:
            pass
        elif prm == 3982:
            pass
        elif prm == 3983:
            pass
        elif prm == 3984:
            pass
        elif prm == 3985:
            pass
        elif prm == 3986:
            pass
        elif prm == 3987:
            pass
        elif prm == 3988:
            pass
        elif prm == 3989:
            pass
        elif prm == 3990:
            pass
        elif prm == 3991:
            pass
        elif prm == 3992:
            pass
        elif prm == 3993:
            pass
        elif prm == 3994:
            pass
        elif prm == 3995:
            pass
        elif prm == 3996:
            pass
        elif prm == 3997:
            pass
        elif prm == 3998:
            pass
        elif prm == 3999:
            pass
        elif prm == 4000:
            pass
        elif prm == 4001:
            pass
        elif prm == 4002:
            pass
        elif prm == 4003:
            pass
        elif prm == 4004:
            pass
        elif prm == 4005:
            pass
        elif prm == 4006:
            pass
        elif prm == 4007:
            pass
        elif prm == 4008:
            pass
        elif prm == 4009:
            pass
        elif prm == 4010:
            pass
        elif prm == 4011:
            pass
        elif prm == 4012:
            pass
        elif prm == 4013:
            pass
        elif prm == 4014:
            pass
        elif prm == 4015:
            pass
        elif prm == 4016:
            pass
        elif prm == 4017:
            pass
        elif prm == 4018:
            pass
        elif prm == 4019:
            pass
        elif prm == 4020:
            pass
        elif prm == 4021:
            pass
        elif prm == 4022:
            pass
        elif prm == 4023:
            pass
        elif prm == 4024:
            pass
        elif prm == 4025:
            pass
        elif prm == 4026:
            pass
        elif prm == 4027:
            pass
        elif prm == 4028:
            pass
        elif prm == 4029:
            pass
        elif prm == 4030:
            pass
        elif prm == 4031:
            pass
        elif prm == 4032:
            pass
        elif prm == 4033:
            pass
        elif prm == 4034:
            pass
        elif prm == 4035:
            pass
        elif prm == 4036:
            pass
        elif prm == 4037:
            pass
        elif prm == 4038:
            pass
        elif prm == 4039:
            pass
        elif prm == 4040:
            pass
        elif prm == 4041:
            pass
        elif prm == 4042:
            pass
        elif prm == 4043:
            pass
        elif prm == 4044:
            pass
        elif prm == 4045:
            pass
        elif prm == 4046:
            pass
        elif prm == 4047:
            pass
        elif prm == 4048:
            pass
        elif prm == 4049:
            pass
        elif prm == 4050:
            pass
        elif prm == 4051:
            pass
        elif prm == 4052:
            pass
        elif prm == 4053:
            pass
        elif prm == 4054:
            pass
        elif prm == 4055:
            pass
        elif prm == 4056:
            pass
        elif prm == 4057:
            pass
        elif prm == 4058:
            pass
        elif prm == 4059:
            pass
        elif prm == 4060:
            pass
        elif prm == 4061:
            pass
        elif prm == 4062:
            pass
        elif prm == 4063:
            pass
        elif prm == 4064:
            pass
        elif prm == 4065:
            pass
        elif prm == 4066:
            pass
        elif prm == 4067:
            pass
        elif prm == 4068:
            pass
        elif prm == 4069:
            pass
        elif prm == 4070:
            pass
        elif prm == 4071:
            pass
        elif prm == 4072:
            pass
        elif prm == 4073:
            pass
        elif prm == 4074:
            pass
        elif prm == 4075:
            pass
        elif prm == 4076:
            pass
        elif prm == 4077:
            pass
        elif prm == 4078:
            pass
        elif prm == 4079:
            pass
        elif prm == 4080:
            pass
        elif prm == 4081:
            pass
        elif prm == 4082:
            pass
        elif prm == 4083:
            pass
        elif prm == 4084:
            pass
        elif prm == 4085:
            pass
        elif prm == 4086:
            pass
        elif prm == 4087:
            pass
        elif prm == 4088:
            pass
        elif prm == 4089:
            pass
        elif prm == 4090:
            pass
        elif prm == 4091:
            pass
        elif prm == 4092:
            pass
        elif prm == 4093:
            pass
        elif prm == 4094:
            pass
        elif prm == 4095:
            pass
        elif prm == 4096:
            pass
        elif prm == 4097:
            pass
        elif prm == 4098:
            pass
        elif prm == 4099:
            pass
        elif prm == 4100:
            pass
        elif prm == 4101:
            pass
        elif prm == 4102:
            pass
        elif prm == 4103:
            pass
        elif prm == 4104:
            pass
        elif prm == 4105:
            pass
        elif prm == 4106:
            pass
        elif prm == 4107:
            pass
        elif prm == 4108:
            pass
        elif prm == 4109:
            pass
        elif prm == 4110:
            pass
        elif prm == 4111:
            pass
        elif prm == 4112:
            pass
        elif prm == 4113:
            pass
        elif prm == 4114:
            pass
        elif prm == 4115:
            pass
        elif prm == 4116:
            pass
        elif prm == 4117:
            pass
        elif prm == 4118:
            pass
        elif prm == 4119:
            pass
        elif prm == 4120:
            pass
        elif prm == 4121:
            pass
        elif prm == 4122:
            pass
        elif prm == 4123:
            pass
        elif prm == 4124:
            pass
        elif prm == 4125:
            pass
        elif prm == 4126:
            pass
        elif prm == 4127:
            pass
        elif prm == 4128:
            pass
        elif prm == 4129:
            pass
        elif prm == 4130:
            pass
        elif prm == 4131:
            pass
        elif prm == 4132:
            pass
        elif prm == 4133:
            pass
        elif prm == 4134:
            pass
        elif prm == 4135:
            pass
        elif prm == 4136:
            pass
        elif prm == 4137:
            pass
        elif prm == 4138:
            pass
        elif prm == 4139:
            pass
        elif prm == 4140:
            pass
        elif prm == 4141:
            pass
        elif prm == 4142:
            pass
        elif prm == 4143:
            pass
        elif prm == 4144:
            pass
        elif prm == 4145:
            pass
        elif prm == 4146:
            pass
        elif prm == 4147:
            pass
        elif prm == 4148:
            pass
        elif prm == 4149:
            pass
        elif prm == 4150:
            pass
        elif prm == 4151:
            pass
        elif prm == 4152:
            pass
        elif prm == 4153:
            pass
        elif prm == 4154:
            pass
        elif prm == 4155:
            pass
        elif prm == 4156:
            pass
        elif prm == 4157:
            pass
        elif prm == 4158:
            pass
        elif prm == 4159:
            pass
        elif prm == 4160:
            pass
        elif prm == 4161:
            pass
        elif prm == 4162:
            pass
        elif prm == 4163:
            pass
        elif prm == 4164:
            pass
        elif prm == 4165:
            pass
        elif prm == 4166:
            pass
        elif prm == 4167:
            pass
        elif prm == 4168:
            pass
        elif prm == 4169:
            pass
        elif prm == 4170:
            pass
        elif prm == 4171:
            pass
        elif prm == 4172:
            pass
        elif prm == 4173:
            pass
        elif prm == 4174:
            pass
        elif prm == 4175:
            pass
        elif prm == 4176:
            pass
        elif prm == 4177:
            pass
        elif prm == 4178:
            pass
        elif prm == 4179:
            pass
        elif prm == 4180:
            pass
        elif prm == 4181:
            pass
        elif prm == 4182:
            pass
        elif prm == 4183:
            pass
        elif prm == 4184:
            pass
        elif prm == 4185:
            pass
        elif prm == 4186:
            pass
        elif prm == 4187:
            pass
        elif prm == 4188:
            pass
        elif prm == 4189:
            pass
        elif prm == 4190:
            pass
        elif prm == 4191:
            pass
        elif prm == 4192:
            pass
        elif prm == 4193:
            pass
        elif prm == 4194:
            pass
        elif prm == 4195:
            pass
        elif prm == 4196:
            pass
        elif prm == 4197:
            pass
        elif prm == 4198:
            pass
        elif prm == 4199:
            pass
        elif prm == 4200:
            pass
        elif prm == 4201:
            pass
        elif prm == 4202:
            pass
        elif prm == 4203:
            pass
        elif prm == 4204:
            pass
        elif prm == 4205:
            pass
        elif prm == 4206:
            pass
        elif prm == 4207:
            pass
        elif prm == 4208:
            pass
        elif prm == 4209:
            pass
        elif prm == 4210:
            pass
        elif prm == 4211:
            pass
        elif prm == 4212:
            pass
        elif prm == 4213:
            pass
        elif prm == 4214:
            pass
        elif prm == 4215:
            pass
        elif prm == 4216:
            pass
        elif prm == 4217:
            pass
        elif prm == 4218:
            pass
        elif prm == 4219:
            pass
        elif prm == 4220:
            pass
        elif prm == 4221:
            pass
        elif prm == 4222:
            pass
        elif prm == 4223:
            pass
        elif prm == 4224:
            pass
        elif prm == 4225:
            pass
        elif prm == 4226:
            pass
        elif prm == 4227:
            pass
        elif prm == 4228:
            pass
        elif prm == 4229:
            pass
        elif prm == 4230:
            pass
        elif prm == 4231:
            pass
        elif prm == 4232:
            pass
        elif prm == 4233:
            pass
        elif prm == 4234:
            pass
        elif prm == 4235:
            pass
        elif prm == 4236:
            pass
        elif prm == 4237:
            pass
        elif prm == 4238:
            pass
        elif prm == 4239:
            pass
        elif prm == 4240:
            pass
        elif prm == 4241:
            pass
        elif prm == 4242:
            pass
        elif prm == 4243:
            pass
        elif prm == 4244:
            pass
        elif prm == 4245:
            pass
        elif prm == 4246:
            pass
        elif prm == 4247:
            pass
        elif prm == 4248:
            pass
        elif prm == 4249:
            pass
        elif prm == 4250:
            pass
        elif prm == 4251:
            pass
        elif prm == 4252:
            pass
        elif prm == 4253:
            pass
        elif prm == 4254:
            pass
        elif prm == 4255:
            pass
        elif prm == 4256:
            pass
        elif prm == 4257:
            pass
        elif prm == 4258:
            pass
        elif prm == 4259:
            pass
        elif prm == 4260:
            pass
        elif prm == 4261:
            pass
        elif prm == 4262:
            pass
        elif prm == 4263:
            pass
        elif prm == 4264:
            pass
        elif prm == 4265:
            pass
        elif prm == 4266:
            pass
        elif prm == 4267:
            pass
        elif prm == 4268:
            pass
        elif prm == 4269:
            pass
        elif prm == 4270:
            pass
        elif prm == 4271:
            pass
        elif prm == 4272:
            pass
        elif prm == 4273:
            pass
        elif prm == 4274:
            pass
        elif prm == 4275:
            pass
        elif prm == 4276:
            pass
        elif prm == 4277:
            pass
        elif prm == 4278:
            pass
        elif prm == 4279:
            pass
        elif prm == 4280:
            pass
        elif prm == 4281:
            pass
        elif prm == 4282:
            pass
        elif prm == 4283:
            pass
        elif prm == 4284:
            pass
        elif prm == 4285:
            pass
        elif prm == 4286:
            pass
        elif prm == 4287:
            pass
        elif prm == 4288:
            pass
        elif prm == 4289:
            pass
        elif prm == 4290:
            pass
        elif prm == 4291:
            pass
        elif prm == 4292:
            pass
        elif prm == 4293:
            pass
        elif prm == 4294:
            pass
        elif prm == 4295:
            pass
        elif prm == 4296:
            pass
        elif prm == 4297:
            pass
        elif prm == 4298:
            pass
        elif prm == 4299:
            pass
        elif prm == 4300:
            pass
        elif prm == 4301:
            pass
        elif prm == 4302:
            pass
        elif prm == 4303:
            pass
        elif prm == 4304:
            pass
        elif prm == 4305:
            pass
        elif prm == 4306:
            pass
        elif prm == 4307:
            pass
        elif prm == 4308:
            pass
        elif prm == 4309:
            pass
        elif prm == 4310:
            pass
        elif prm == 4311:
            pass
        elif prm == 4312:
            pass
        elif prm == 4313:
            pass
        elif prm == 4314:
            pass
        elif prm == 4315:
            pass
        elif prm == 4316:
            pass
        elif prm == 4317:
            pass
        elif prm == 4318:
            pass
        elif prm == 4319:
            pass
        elif prm == 4320:
            pass
        elif prm == 4321:
            pass
        elif prm == 4322:
            pass
        elif prm == 4323:
            pass
        elif prm == 4324:
            pass
        elif prm == 4325:
            pass
        elif prm == 4326:
            pass
        elif prm == 4327:
            pass
        elif prm == 4328:
            pass
        elif prm == 4329:
            pass
        elif prm == 4330:
            pass
        elif prm == 4331:
            pass
        elif prm == 4332:
            pass
        elif prm == 4333:
            pass
        elif prm == 4334:
            pass
        elif prm == 4335:
            pass
        elif prm == 4336:
            pass
        elif prm == 4337:
            pass
        elif prm == 4338:
            pass
        elif prm == 4339:
            pass
        elif prm == 4340:
            pass
        elif prm == 4341:
            pass
        elif prm == 4342:
            pass
        elif prm == 4343:
            pass
        elif prm == 4344:
            pass
        elif prm == 4345:
            pass
        elif prm == 4346:
            pass
        elif prm == 4347:
            pass
        elif prm == 4348:
            pass
        elif prm == 4349:
            pass
        elif prm == 4350:
            pass
        elif prm == 4351:
            pass
        elif prm == 4352:
            pass
        elif prm == 4353:
            pass
        elif prm == 4354:
            pass
        elif prm == 4355:
            pass
        elif prm == 4356:
            pass
        elif prm == 4357:
            pass
        elif prm == 4358:
            pass
        elif prm == 4359:
            pass
        elif prm == 4360:
            pass
        elif prm == 4361:
            pass
        elif prm == 4362:
            pass
        elif prm == 4363:
            pass
        elif prm == 4364:
            pass
        elif prm == 4365:
            pass
        elif prm == 4366:
            pass
        elif prm == 4367:
            pass
        elif prm == 4368:
            pass
        elif prm == 4369:
            pass
        elif prm == 4370:
            pass
        elif prm == 4371:
            pass
        elif prm == 4372:
            pass
        elif prm == 4373:
            pass
        elif prm == 4374:
            pass
        elif prm == 4375:
            pass
        elif prm == 4376:
            pass
        elif prm == 4377:
            pass
        elif prm == 4378:
            pass
        elif prm == 4379:
            pass
        elif prm == 4380:
            pass
        elif prm == 4381:
            pass
        elif prm == 4382:
            pass
        elif prm == 4383:
            pass
        elif prm == 4384:
            pass
        elif prm == 4385:
            pass
        elif prm == 4386:
            pass
        elif prm == 4387:
            pass
        elif prm == 4388:
            pass
        elif prm == 4389:
            pass
        elif prm == 4390:
            pass
        elif prm == 4391:
            pass
        elif prm == 4392:
            pass
        elif prm == 4393:
            pass
        elif prm == 4394:
            pass
        elif prm == 4395:
            pass
        elif prm == 4396:
            pass
        elif prm == 4397:
            pass
        elif prm == 4398:
            pass
        elif prm == 4399:
            pass
        elif prm == 4400:
            pass
        elif prm == 4401:
            pass
        elif prm == 4402:
            pass
        elif prm == 4403:
            pass
        elif prm == 4404:
            pass
        elif prm == 4405:
            pass
        elif prm == 4406:
            pass
        elif prm == 4407:
            pass
        elif prm == 4408:
            pass
        elif prm == 4409:
            pass
        elif prm == 4410:
            pass
        elif prm == 4411:
            pass
        elif prm == 4412:
            pass
        elif prm == 4413:
            pass
        elif prm == 4414:
            pass
        elif prm == 4415:
            pass
        elif prm == 4416:
            pass
        elif prm == 4417:
            pass
        elif prm == 4418:
            pass
        elif prm == 4419:
            pass
        elif prm == 4420:
            pass
        elif prm == 4421:
            pass
        elif prm == 4422:
            pass
        elif prm == 4423:
            pass
        elif prm == 4424:
            pass
        elif prm == 4425:
            pass
        elif prm == 4426:
            pass
        elif prm == 4427:
            pass
        elif prm == 4428:
            pass
        elif prm == 4429:
            pass
        elif prm == 4430:
            pass
        elif prm == 4431:
            pass
        elif prm == 4432:
            pass
        elif prm == 4433:
            pass
        elif prm == 4434:
            pass
        elif prm == 4435:
            pass
        elif prm == 4436:
            pass
        elif prm == 4437:
            pass
        elif prm == 4438:
            pass
        elif prm == 4439:
            pass
        elif prm == 4440:
            pass
        elif prm == 4441:
            pass
        elif prm == 4442:
            pass
        elif prm == 4443:
            pass
        elif prm == 4444:
            pass
        elif prm == 4445:
            pass
        elif prm == 4446:
            pass
        elif prm == 4447:
            pass
        elif prm == 4448:
            pass
        elif prm == 4449:
            pass
        elif prm == 4450:
            pass
        elif prm == 4451:
            pass
        elif prm == 4452:
            pass
        elif prm == 4453:
            pass
        elif prm == 4454:
            pass
        elif prm == 4455:
            pass
        elif prm == 4456:
            pass
        elif prm == 4457:
            pass
        elif prm == 4458:
            pass
        elif prm == 4459:
            pass
        elif prm == 4460:
            pass
        elif prm == 4461:
            pass
        elif prm == 4462:
            pass
        elif prm == 4463:
            pass
        elif prm == 4464:
            pass
        elif prm == 4465:
            pass
        elif prm == 4466:
            pass
        elif prm == 4467:
            pass
        elif prm == 4468:
            pass
        elif prm == 4469:
            pass
        elif prm == 4470:
            pass
        elif prm == 4471:
            pass
        elif prm == 4472:
            pass
        elif prm == 4473:
            pass
        elif prm == 4474:
            pass
        elif prm == 4475:
            pass
        elif prm == 4476:
            pass
        elif prm == 4477:
            pass
        elif prm == 4478:
            pass
        elif prm == 4479:
            pass
        elif prm == 4480:
            pass
        elif prm == 4481:
            pass
        elif prm == 4482:
            pass
        elif prm == 4483:
            pass
        elif prm == 4484:
            pass
        elif prm == 4485:
            pass
        elif prm == 4486:
            pass
        elif prm == 4487:
            pass
        elif prm == 4488:
            pass
        elif prm == 4489:
            pass
        elif prm == 4490:
            pass
        elif prm == 4491:
            pass
        elif prm == 4492:
            pass
        elif prm == 4493:
            pass
        elif prm == 4494:
            pass
        elif prm == 4495:
            pass
        elif prm == 4496:
            pass
        elif prm == 4497:
            pass
        elif prm == 4498:
            pass
        elif prm == 4499:
            pass
        elif prm == 4500:
            pass
        elif prm == 4501:
            pass
        elif prm == 4502:
            pass
        elif prm == 4503:
            pass
        elif prm == 4504:
            pass
        elif prm == 4505:
            pass
        elif prm == 4506:
            pass
        elif prm == 4507:
            pass
        elif prm == 4508:
            pass
        elif prm == 4509:
            pass
        elif prm == 4510:
            pass
        elif prm == 4511:
            pass
        elif prm == 4512:
            pass
        elif prm == 4513:
            pass
        elif prm == 4514:
            pass
        elif prm == 4515:
            pass
        elif prm == 4516:
            pass
        elif prm == 4517:
            pass
        elif prm == 4518:
            pass
        elif prm == 4519:
            pass
        elif prm == 4520:
            pass
        elif prm == 4521:
            pass
        elif prm == 4522:
            pass
        elif prm == 4523:
            pass
        elif prm == 4524:
            pass
        elif prm == 4525:
            pass
        elif prm == 4526:
            pass
        elif prm == 4527:
            pass
        elif prm == 4528:
            pass
        elif prm == 4529:
            pass
        elif prm == 4530:
            pass
        elif prm == 4531:
            pass
        elif prm == 4532:
            pass
        elif prm == 4533:
            pass
        elif prm == 4534:
            pass
        elif prm == 4535:
            pass
        elif prm == 4536:
            pass
        elif prm == 4537:
            pass
        elif prm == 4538:
            pass
        elif prm == 4539:
            pass
        elif prm == 4540:
            pass
        elif prm == 4541:
            pass
        elif prm == 4542:
            pass
        elif prm == 4543:
            pass
        elif prm == 4544:
            pass
        elif prm == 4545:
            pass
        elif prm == 4546:
            pass
        elif prm == 4547:
            pass
        elif prm == 4548:
            pass
        elif prm == 4549:
            pass
        elif prm == 4550:
            pass
        elif prm == 4551:
            pass
        elif prm == 4552:
            pass
        elif prm == 4553:
            pass
        elif prm == 4554:
            pass
        elif prm == 4555:
            pass
        elif prm == 4556:
            pass
        elif prm == 4557:
            pass
        elif prm == 4558:
            pass
        elif prm == 4559:
            pass
        elif prm == 4560:
            pass
        elif prm == 4561:
            pass
        elif prm == 4562:
            pass
        elif prm == 4563:
            pass
        elif prm == 4564:
            pass
        elif prm == 4565:
            pass
        elif prm == 4566:
            pass
        elif prm == 4567:
            pass
        elif prm == 4568:
            pass
        elif prm == 4569:
            pass
        elif prm == 4570:
            pass
        elif prm == 4571:
            pass
        elif prm == 4572:
            pass
        elif prm == 4573:
            pass
        elif prm == 4574:
            pass
        elif prm == 4575:
            pass
        elif prm == 4576:
            pass
        elif prm == 4577:
            pass
        elif prm == 4578:
            pass
        elif prm == 4579:
            pass
        elif prm == 4580:
            pass
        elif prm == 4581:
            pass
        elif prm == 4582:
            pass
        elif prm == 4583:
            pass
        elif prm == 4584:
            pass
        elif prm == 4585:
            pass
        elif prm == 4586:
            pass
        elif prm == 4587:
            pass
        elif prm == 4588:
            pass
        elif prm == 4589:
            pass
        elif prm == 4590:
            pass
        elif prm == 4591:
            pass
        elif prm == 4592:
            pass
        elif prm == 4593:
            pass
        elif prm == 4594:
            pass
        elif prm == 4595:
            pass
        elif prm == 4596:
            pass
        elif prm == 4597:
            pass
        elif prm == 4598:
            pass
        elif prm == 4599:
            pass
        elif prm == 4600:
            pass
        elif prm == 4601:
            pass
        elif prm == 4602:
            pass
        elif prm == 4603:
            pass
        elif prm == 4604:
            pass
        elif prm == 4605:
            pass
        elif prm == 4606:
            pass
        elif prm == 4607:
            pass
        elif prm == 4608:
            pass
        elif prm == 4609:
            pass
        elif prm == 4610:
            pass
        elif prm == 4611:
            pass
        elif prm == 4612:
            pass
        elif prm == 4613:
            pass
        elif prm == 4614:
            pass
        elif prm == 4615:
            pass
        elif prm == 4616:
            pass
        elif prm == 4617:
            pass
        elif prm == 4618:
            pass
        elif prm == 4619:
            pass
        elif prm == 4620:
            pass
        elif prm == 4621:
            pass
        elif prm == 4622:
            pass
        elif prm == 4623:
            pass
        elif prm == 4624:
            pass
        elif prm == 4625:
            pass
        elif prm == 4626:
            pass
        elif prm == 4627:
            pass
        elif prm == 4628:
            pass
        elif prm == 4629:
            pass
        elif prm == 4630:
            pass
        elif prm == 4631:
            pass
        elif prm == 4632:
            pass
        elif prm == 4633:
            pass
        elif prm == 4634:
            pass
        elif prm == 4635:
            pass
        elif prm == 4636:
            pass
        elif prm == 4637:
            pass
        elif prm == 4638:
            pass
        elif prm == 4639:
            pass
        elif prm == 4640:
            pass
        elif prm == 4641:
            pass
        elif prm == 4642:
            pass
        elif prm == 4643:
            pass
        elif prm == 4644:
            pass
        elif prm == 4645:
            pass
        elif prm == 4646:
            pass
        elif prm == 4647:
            pass
        elif prm == 4648:
            pass
        elif prm == 4649:
            pass
        elif prm == 4650:
            pass
        elif prm == 4651:
            pass
        elif prm == 4652:
            pass
        elif prm == 4653:
            pass
        elif prm == 4654:
            pass
        elif prm == 4655:
            pass
        elif prm == 4656:
            pass
        elif prm == 4657:
            pass
        elif prm == 4658:
            pass
        elif prm == 4659:
            pass
        elif prm == 4660:
            pass
        elif prm == 4661:
            pass
        elif prm == 4662:
            pass
        elif prm == 4663:
            pass
        elif prm == 4664:
            pass
        elif prm == 4665:
            pass
        elif prm == 4666:
            pass
        elif prm == 4667:
            pass
        elif prm == 4668:
            pass
        elif prm == 4669:
            pass
        elif prm == 4670:
            pass
        elif prm == 4671:
            pass
        elif prm == 4672:
            pass
        elif prm == 4673:
            pass
        elif prm == 4674:
            pass
        elif prm == 4675:
            pass
        elif prm == 4676:
            pass
        elif prm == 4677:
            pass
        elif prm == 4678:
            pass
        elif prm == 4679:
            pass
        elif prm == 4680:
            pass
        elif prm == 4681:
            pass
        elif prm == 4682:
            pass
        elif prm == 4683:
            pass
        elif prm == 4684:
            pass
        elif prm == 4685:
            pass
        elif prm == 4686:
            pass
        elif prm == 4687:
            pass
        elif prm == 4688:
            pass
        elif prm == 4689:
            pass
        elif prm == 4690:
            pass
        elif prm == 4691:
            pass
        elif prm == 4692:
            pass
        elif prm == 4693:
            pass
        elif prm == 4694:
            pass
        elif prm == 4695:
            pass
        elif prm == 4696:
            pass
        elif prm == 4697:
            pass
        elif prm == 4698:
            pass
        elif prm == 4699:
            pass
        elif prm == 4700:
            pass
        elif prm == 4701:
            pass
        elif prm == 4702:
            pass
        elif prm == 4703:
            pass
        elif prm == 4704:
            pass
        elif prm == 4705:
            pass
        elif prm == 4706:
            pass
        elif prm == 4707:
            pass
        elif prm == 4708:
            pass
        elif prm == 4709:
            pass
        elif prm == 4710:
            pass
        elif prm == 4711:
            pass
        elif prm == 4712:
            pass
        elif prm == 4713:
            pass
        elif prm == 4714:
            pass
        elif prm == 4715:
            pass
        elif prm == 4716:
            pass
        elif prm == 4717:
            pass
        elif prm == 4718:
            pass
        elif prm == 4719:
            pass
        elif prm == 4720:
            pass
        elif prm == 4721:
            pass
        elif prm == 4722:
            pass
        elif prm == 4723:
            pass
        elif prm == 4724:
            pass
        elif prm == 4725:
            pass
        elif prm == 4726:
            pass
        elif prm == 4727:
            pass
        elif prm == 4728:
            pass
        elif prm == 4729:
            pass
        elif prm == 4730:
            pass
        elif prm == 4731:
            pass
        elif prm == 4732:
            pass
        elif prm == 4733:
            pass
        elif prm == 4734:
            pass
        elif prm == 4735:
            pass
        elif prm == 4736:
            pass
        elif prm == 4737:
            pass
        elif prm == 4738:
            pass
        elif prm == 4739:
            pass
        elif prm == 4740:
            pass
        elif prm == 4741:
            pass
        elif prm == 4742:
            pass
        elif prm == 4743:
            pass
        elif prm == 4744:
            pass
        elif prm == 4745:
            pass
        elif prm == 4746:
            pass
        elif prm == 4747:
            pass
        elif prm == 4748:
            pass
        elif prm == 4749:
            pass
        elif prm == 4750:
            pass
        elif prm == 4751:
            pass
        elif prm == 4752:
            pass
        elif prm == 4753:
            pass
        elif prm == 4754:
            pass
        elif prm == 4755:
            pass
        elif prm == 4756:
            pass
        elif prm == 4757:
            pass
        elif prm == 4758:
            pass
        elif prm == 4759:
            pass
        elif prm == 4760:
            pass
        elif prm == 4761:
            pass
        elif prm == 4762:
            pass
        elif prm == 4763:
            pass
        elif prm == 4764:
            pass
        elif prm == 4765:
            pass
        elif prm == 4766:
            pass
        elif prm == 4767:
            pass
        elif prm == 4768:
            pass
        elif prm == 4769:
            pass
        elif prm == 4770:
            pass
        elif prm == 4771:
            pass
        elif prm == 4772:
            pass
        elif prm == 4773:
            pass
        elif prm == 4774:
            pass
        elif prm == 4775:
            pass
        elif prm == 4776:
            pass
        elif prm == 4777:
            pass
        elif prm == 4778:
            pass
        elif prm == 4779:
            pass
        elif prm == 4780:
            pass
        elif prm == 4781:
            pass
        elif prm == 4782:
            pass
        elif prm == 4783:
            pass
        elif prm == 4784:
            pass
        elif prm == 4785:
            pass
        elif prm == 4786:
            pass
        elif prm == 4787:
            pass
        elif prm == 4788:
            pass
        elif prm == 4789:
            pass
        elif prm == 4790:
            pass
        elif prm == 4791:
            pass
        elif prm == 4792:
            pass
        elif prm == 4793:
            pass
        elif prm == 4794:
            pass
        elif prm == 4795:
            pass
        elif prm == 4796:
            pass
        elif prm == 4797:
            pass
        elif prm == 4798:
            pass
        elif prm == 4799:
            pass
        elif prm == 4800:
            pass
        elif prm == 4801:
            pass
        elif prm == 4802:
            pass
        elif prm == 4803:
            pass
        elif prm == 4804:
            pass
        elif prm == 4805:
            pass
        elif prm == 4806:
            pass
        elif prm == 4807:
            pass
        elif prm == 4808:
            pass
        elif prm == 4809:
            pass
        elif prm == 4810:
            pass
        elif prm == 4811:
            pass
        elif prm == 4812:
            pass
        elif prm == 4813:
            pass
        elif prm == 4814:
            pass
        elif prm == 4815:
            pass
        elif prm == 4816:
            pass
        elif prm == 4817:
            pass
        elif prm == 4818:
            pass
        elif prm == 4819:
            pass
        elif prm == 4820:
            pass
        elif prm == 4821:
            pass
        elif prm == 4822:
            pass
        elif prm == 4823:
            pass
        elif prm == 4824:
            pass
        elif prm == 4825:
            pass
        elif prm == 4826:
            pass
        elif prm == 4827:
            pass
        elif prm == 4828:
            pass
        elif prm == 4829:
            pass
        elif prm == 4830:
            pass
        elif prm == 4831:
            pass
        elif prm == 4832:
            pass
        elif prm == 4833:
            pass
        elif prm == 4834:
            pass
        elif prm == 4835:
            pass
        elif prm == 4836:
            pass
        elif prm == 4837:
            pass
        elif prm == 4838:
            pass
        elif prm == 4839:
            pass
        elif prm == 4840:
            pass
        elif prm == 4841:
            pass
        elif prm == 4842:
            pass
        elif prm == 4843:
            pass
        elif prm == 4844:
            pass
        elif prm == 4845:
            pass
        elif prm == 4846:
            pass
        elif prm == 4847:
            pass
        elif prm == 4848:
            pass
        elif prm == 4849:
            pass
        elif prm == 4850:
            pass
        elif prm == 4851:
            pass
        elif prm == 4852:
            pass
        elif prm == 4853:
            pass
        elif prm == 4854:
            pass
        elif prm == 4855:
            pass
        elif prm == 4856:
            pass
        elif prm == 4857:
            pass
        elif prm == 4858:
            pass
        elif prm == 4859:
            pass
        elif prm == 4860:
            pass
        elif prm == 4861:
            pass
        elif prm == 4862:
            pass
        elif prm == 4863:
            pass
        elif prm == 4864:
            pass
        elif prm == 4865:
            pass
        elif prm == 4866:
            pass
        elif prm == 4867:
            pass
        elif prm == 4868:
            pass
        elif prm == 4869:
            pass
        elif prm == 4870:
            pass
        elif prm == 4871:
            pass
        elif prm == 4872:
            pass
        elif prm == 4873:
            pass
        elif prm == 4874:
            pass
        elif prm == 4875:
            pass
        elif prm == 4876:
            pass
        elif prm == 4877:
            pass
        elif prm == 4878:
            pass
        elif prm == 4879:
            pass
        elif prm == 4880:
            pass
        elif prm == 4881:
            pass
        elif prm == 4882:
            pass
        elif prm == 4883:
            pass
        elif prm == 4884:
            pass
        elif prm == 4885:
            pass
        elif prm == 4886:
            pass
        elif prm == 4887:
            pass
        elif prm == 4888:
            pass
        elif prm == 4889:
            pass
        elif prm == 4890:
            pass
        elif prm == 4891:
            pass
        elif prm == 4892:
            pass
        elif prm == 4893:
            pass
        elif prm == 4894:
            pass
        elif prm == 4895:
            pass
        elif prm == 4896:
            pass
        elif prm == 4897:
            pass
        elif prm == 4898:
            pass
        elif prm == 4899:
            pass
        elif prm == 4900:
            pass
        elif prm == 4901:
            pass
        elif prm == 4902:
            pass
        elif prm == 4903:
            pass
        elif prm == 4904:
            pass
        elif prm == 4905:
            pass
        elif prm == 4906:
            pass
        elif prm == 4907:
            pass
        elif prm == 4908:
            pass
        elif prm == 4909:
            pass
        elif prm == 4910:
            pass
        elif prm == 4911:
            pass
        elif prm == 4912:
            pass
        elif prm == 4913:
            pass
        elif prm == 4914:
            pass
        elif prm == 4915:
            pass
        elif prm == 4916:
            pass
        elif prm == 4917:
            pass
        elif prm == 4918:
            pass
        elif prm == 4919:
            pass
        elif prm == 4920:
            pass
        elif prm == 4921:
            pass
        elif prm == 4922:
            pass
        elif prm == 4923:
            pass
        elif prm == 4924:
            pass
        elif prm == 4925:
            pass
        elif prm == 4926:
            pass
        elif prm == 4927:
            pass
        elif prm == 4928:
            pass
        elif prm == 4929:
            pass
        elif prm == 4930:
            pass
        elif prm == 4931:
            pass
        elif prm == 4932:
            pass
        elif prm == 4933:
            pass
        elif prm == 4934:
            pass
        elif prm == 4935:
            pass
        elif prm == 4936:
            pass
        elif prm == 4937:
            pass
        elif prm == 4938:
            pass
        elif prm == 4939:
            pass
        elif prm == 4940:
            pass
        elif prm == 4941:
            pass
        elif prm == 4942:
            pass
        elif prm == 4943:
            pass
        elif prm == 4944:
            pass
        elif prm == 4945:
            pass
        elif prm == 4946:
            pass
        elif prm == 4947:
            pass
        elif prm == 4948:
            pass
        elif prm == 4949:
            pass
        elif prm == 4950:
            pass
        elif prm == 4951:
            pass
        elif prm == 4952:
            pass
        elif prm == 4953:
            pass
        elif prm == 4954:
            pass
        elif prm == 4955:
            pass
        elif prm == 4956:
            pass
        elif prm == 4957:
            pass
        elif prm == 4958:
            pass
        elif prm == 4959:
            pass
        elif prm == 4960:
            pass
        elif prm == 4961:
            pass
        elif prm == 4962:
            pass
        elif prm == 4963:
            pass
        elif prm == 4964:
            pass
        elif prm == 4965:
            pass
        elif prm == 4966:
            pass
        elif prm == 4967:
            pass
        elif prm == 4968:
            pass
        elif prm == 4969:
            pass
        elif prm == 4970:
            pass
        elif prm == 4971:
            pass
        elif prm == 4972:
            pass
        elif prm == 4973:
            pass
        elif prm == 4974:
            pass
        elif prm == 4975:
            pass
        elif prm == 4976:
            pass
        elif prm == 4977:
            pass
        elif prm == 4978:
            pass
        elif prm == 4979:
            pass
        elif prm == 4980:
            pass
        elif prm == 4981:
            pass
        elif prm == 4982:
            pass
        elif prm == 4983:
            pass
        elif prm == 4984:
            pass
        elif prm == 4985:
            pass
        elif prm == 4986:
            pass
        elif prm == 4987:
            pass
        elif prm == 4988:
            pass
        elif prm == 4989:
            pass
        elif prm == 4990:
            pass
        elif prm == 4991:
            pass
        elif prm == 4992:
            pass
        elif prm == 4993:
            pass
        elif prm == 4994:
            pass
        elif prm == 4995:
            pass
        elif prm == 4996:
            pass
        elif prm == 4997:
            pass
        elif prm == 4998:
            pass
        elif prm == 4999:
            pass

    def forward(self, x):
        y = self.conv(x).relu()
        return self.fc(y.flatten(1))
